import { describe, expect, it } from 'vitest'
import { compileSelection } from '../registry/verbs/selection.ts'
import { builtInKinds } from './index.ts'

function definitionOf(name: string): (typeof builtInKinds)[number] {
  const [kind, group] = name.split('/')
  const found = builtInKinds.find((one) => one.kind === kind && (group === undefined || one.group === group))
  if (!found) throw new Error(`no kind ${name}`)
  return found
}

/** `taken` or what is said instead. */
function verdict(kind: string, field: string): string {
  try {
    compileSelection(definitionOf(kind), { fieldSelector: `${field}=x` })
    return 'taken'
  } catch (error) {
    return (error as Error).message
  }
}

const unknown = (field: string): string =>
  `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`

describe('field selectors', () => {
  it.each([
    ['Deployment', 'metadata.name', 'taken'],
    ['Deployment', 'status.replicas', unknown('status.replicas')],
    ['ReplicaSet', 'status.replicas', unknown('status.replicas')],
    ['CronJob', 'status.successful', unknown('status.successful')],
    ['Job', 'status.successful', 'taken'],
    ['Job', 'spec.x', 'field label "spec.x" not supported for Job'],
    ['StorageClass', 'metadata.namespace', 'taken'],
    ['Namespace', 'status.phase', 'taken'],
    ['Namespace', 'name', 'field label not supported: name'],
    ['StorageClass', 'provisioner', unknown('provisioner')],
    ['CustomResourceDefinition', 'spec.group', unknown('spec.group')],
    ['PersistentVolume', 'name', unknown('name')],
    ['CertificateSigningRequest', 'spec.signerName', 'taken'],
    ['CertificateSigningRequest', 'metadata.namespace', 'field label not supported: metadata.namespace'],
    ['ResourceSlice', 'spec.nodeName', 'taken'],
    ['ResourceSlice', 'x', 'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: x'],
    ['Event/events.k8s.io', 'regarding.name', 'taken'],
    ['Event/events.k8s.io', 'reportingController', 'taken'],
    ['Event/events.k8s.io', 'involvedObject.name', 'field label not supported: involvedObject.name'],
    ['Event/', 'involvedObject.name', 'taken'],
  ])('%s, %s: %s', (kind, field, wanted) => {
    expect(verdict(kind, field)).toBe(wanted)
  })

  it('by namespace find nothing among what has none', () => {
    const { matches } = compileSelection(definitionOf('StorageClass'), {
      fieldSelector: 'metadata.namespace=a',
    })
    expect(matches?.({ metadata: { name: 'fast' } })).toBe(false)
  })
})
