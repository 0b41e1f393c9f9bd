import type {
  ObjectReference,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from '../../core/api/generated/core-v1.ts'
import type { StorageClass } from '../../core/api/generated/storage-v1.ts'
import type { MessageKey } from '../i18n/text.ts'
import type { ObjectAddress } from './app-context.ts'
import type { StatusSummary } from './kind-view.ts'
import { readableQuantity } from './readable-quantity.ts'
import { toneOf, type Tone } from './tone.ts'

/** One link of the chain from pods to a storage class. */
export interface ChainLink {
  id: 'pods' | 'claim' | 'volume' | 'class'
  title: MessageKey
  refs: ObjectAddress[]
  /** What to say where there is none. */
  none: MessageKey
  state?: StatusSummary
  facts?: string
}

export interface ChainInput {
  claim: PersistentVolumeClaim | undefined
  claimRef: ObjectReference | { namespace?: string | undefined; name?: string | undefined } | undefined
  volume: PersistentVolume | undefined
  storageClass: StorageClass | undefined
  className: string | undefined
  /** Those of the claim's namespace. */
  pods: Pod[]
}

/** The tone of a claim's or volume's phase. */
export function toneOfPhase(phase: string): Tone {
  if (phase === 'Bound') return 'ok'
  if (phase === 'Available') return 'off'
  return phase === 'Released' || phase === 'Lost' ? 'warn' : toneOf(phase)
}

function phaseOf(object: { status?: { phase?: string } } | undefined): Pick<ChainLink, 'state'> {
  const phase = object?.status?.phase
  return phase ? { state: { text: phase, tone: toneOfPhase(phase) } } : {}
}

/** What a volume is made of: `hostPath /data`, `csi ebs.csi.aws.com`. */
export function volumeSource({ spec }: PersistentVolume): string {
  const { hostPath, local, nfs, csi } = spec
  if (hostPath) return `hostPath ${hostPath.path}`
  if (local) return `local ${local.path}`
  if (nfs) return `nfs ${nfs.server}:${nfs.path}`
  return csi ? `csi ${csi.driver}` : ''
}

/** Pods → claim → volume → class, as far as each is known. */
export function bindingChain(input: ChainInput): ChainLink[] {
  const { claim, claimRef, volume, storageClass, className, pods } = input
  const users = pods.filter(({ spec }) =>
    spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claimRef?.name),
  )
  const namespace = claimRef?.namespace
  const claimFacts = [claim?.spec.resources?.requests?.storage, claim?.spec.accessModes?.join(', ')]
  const volumeFacts = volume && [
    readableQuantity('storage', volume.spec.capacity?.storage),
    volumeSource(volume),
    volume.spec.persistentVolumeReclaimPolicy,
  ]
  const classFacts = storageClass && [storageClass.provisioner, storageClass.volumeBindingMode]
  const factsOf = (facts: (string | undefined)[] | undefined): Pick<ChainLink, 'facts'> => {
    const text = (facts ?? []).filter(Boolean).join(' · ')
    return text ? { facts: text } : {}
  }
  return [
    {
      id: 'pods',
      title: 'kind.pods',
      none: 'storage.noPods',
      refs: users.map(({ metadata: { name } }) => ({ apiVersion: 'v1', kind: 'Pod', namespace, name })),
    },
    {
      id: 'claim',
      title: 'storage.claim',
      none: 'storage.noClaim',
      refs: claimRef?.name
        ? [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimRef.name }]
        : [],
      ...phaseOf(claim),
      ...factsOf(claimFacts),
    },
    {
      id: 'volume',
      title: 'storage.volume',
      none: 'storage.noVolume',
      refs: volume ? [{ apiVersion: 'v1', kind: 'PersistentVolume', name: volume.metadata.name }] : [],
      ...phaseOf(volume),
      ...factsOf(volumeFacts),
    },
    {
      id: 'class',
      title: 'storage.class',
      none: className ? 'storage.classMissing' : 'storage.noClass',
      refs: storageClass
        ? [{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name: storageClass.metadata.name }]
        : [],
      ...(className && !storageClass && { facts: className }),
      ...factsOf(classFacts),
    },
  ]
}
