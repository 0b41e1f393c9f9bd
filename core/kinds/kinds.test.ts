import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { KindDefinition } from '../registry/kind.ts'
import { builtInKinds } from './index.ts'

describe('built-in kinds', () => {
  it('name a schema that exists, and have columns', () => {
    const schemas = JSON.parse(
      readFileSync(new URL('../../resources/kubernetes/schemas.json', import.meta.url), 'utf8'),
    ) as Record<string, unknown>
    for (const kind of builtInKinds) {
      expect(schemas, kind.kind).toHaveProperty([kind.schema as string])
      expect(kind.columns.map((column) => column.name)).toContain('Name')
    }
    const keys = builtInKinds.map((kind) => `${kind.group}/${kind.version}/${kind.names.plural}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('have the names of upstream', () => {
    const names = (kind: KindDefinition): string =>
      [kind.names.plural, ...(kind.names.short ?? []), ...(kind.names.categories ?? [])].join(' ')
    expect(builtInKinds.map(names)).toEqual([
      'bindings',
      'componentstatuses cs',
      'configmaps cm',
      'endpoints ep',
      'events ev',
      'limitranges limits',
      'namespaces ns',
      'nodes no',
      'persistentvolumeclaims pvc',
      'persistentvolumes pv',
      'pods po all',
      'podtemplates',
      'replicationcontrollers rc all',
      'resourcequotas quota',
      'secrets',
      'serviceaccounts sa',
      'services svc all',
      'mutatingadmissionpolicies api-extensions',
      'mutatingadmissionpolicybindings api-extensions',
      'mutatingwebhookconfigurations api-extensions',
      'validatingadmissionpolicies api-extensions',
      'validatingadmissionpolicybindings api-extensions',
      'validatingwebhookconfigurations api-extensions',
      'customresourcedefinitions crd crds api-extensions',
      'apiservices api-extensions',
      'controllerrevisions',
      'daemonsets ds all',
      'deployments deploy all',
      'replicasets rs all',
      'statefulsets sts all',
      'selfsubjectreviews',
      'tokenreviews',
      'localsubjectaccessreviews',
      'selfsubjectaccessreviews',
      'selfsubjectrulesreviews',
      'subjectaccessreviews',
      'horizontalpodautoscalers hpa all',
      'horizontalpodautoscalers hpa all',
      'cronjobs cj all',
      'jobs all',
      'certificatesigningrequests csr',
      'leases',
      'endpointslices',
      'events ev',
      'flowschemas',
      'prioritylevelconfigurations',
      'ingressclasses',
      'ingresses ing',
      'ipaddresses ip',
      'networkpolicies netpol',
      'servicecidrs',
      'runtimeclasses',
      'poddisruptionbudgets pdb',
      'clusterrolebindings',
      'clusterroles',
      'rolebindings',
      'roles',
      'deviceclasses',
      'resourceclaims',
      'resourceclaimtemplates',
      'resourceslices',
      'priorityclasses pc',
      'csidrivers',
      'csinodes',
      'csistoragecapacities',
      'storageclasses sc',
      'volumeattachments',
      'volumeattributesclasses vac',
    ])
  })
})
