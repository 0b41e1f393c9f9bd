import type { Service, ServicePort } from '../../../api/generated/core-v1.ts'
import { defineKind } from '../../../registry/kind.ts'
import { ageColumn, nameColumn } from '../../columns.ts'
import { warnOfBalancer } from '../../validation/address-warnings.ts'
import { checkDns1123Label } from '../../validation/formats.ts'
import { validateClusterIps } from './cluster-ip-validation.ts'
import { defaultService, dropTypeDependentFields, dropUnshownFields } from './defaults.ts'
import { validateServiceStatus, validateServiceUpdate } from './update-validation.ts'
import { validateService } from './validation.ts'
import { serviceWarnings } from './warnings.ts'

export const service = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  namespaced: true,
  names: { plural: 'services', singular: 'service', short: ['svc'], categories: ['all'] },
  schema: 'io.k8s.api.core.v1.Service',
  toleratedWhenStored: [/^spec\.(?:clusterIPs|externalIPs|loadBalancerSourceRanges)\[\d+\]$/],
  returnsDeletedObject: true,
  tracksGeneration: false,
  createsOnUpdate: true,
  columns: [
    nameColumn(),
    { name: 'Type', type: 'string', value: (object) => object.spec.type ?? '' },
    {
      name: 'Cluster-IP',
      type: 'string',
      value: ({ spec }) => spec.clusterIPs?.[0] || spec.clusterIP || '<none>',
    },
    { name: 'External-IP', type: 'string', value: externalIpText },
    {
      name: 'Port(s)',
      type: 'string',
      value: ({ spec }) => (spec.ports ?? []).map(portText).join(',') || '<none>',
    },
    ageColumn(),
    { name: 'Selector', type: 'string', priority: 1, value: selectorText },
  ],
  default: defaultService,
  prepareForCreate(object) {
    object.status = { loadBalancer: {} }
    dropUnshownFields(object)
  },
  prepareForUpdate(object, old) {
    dropTypeDependentFields(object, old)
    dropUnshownFields(object)
  },
  // Also with a digit at the beginning (upstream: RelaxedServiceNameValidation).
  validateName: checkDns1123Label,
  validateBeforeAllocation: ({ spec }) => validateClusterIps(spec),
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  status: {
    validateUpdate: validateServiceStatus,
    warnings: ({ status }) => warnOfBalancer(status?.loadBalancer?.ingress),
  },
  selectableFields: {
    'spec.clusterIP': (object) => object.spec.clusterIP ?? '',
    'spec.type': (object) => object.spec.type ?? '',
  },
})

function portText({ port, nodePort, protocol }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`
}

function externalIpText({ spec, status }: Service): string {
  const given = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName ?? ''
    case 'LoadBalancer': {
      const assigned = (status?.loadBalancer?.ingress ?? []).flatMap(
        ({ ip, hostname }) => ip || hostname || [],
      )
      return [...assigned, ...given].join(',') || '<pending>'
    }
    default:
      return given.join(',') || '<none>'
  }
}

function selectorText({ spec }: Service): string {
  const labels = Object.entries(spec.selector ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return labels.map(([key, value]) => `${key}=${value}`).join(',') || '<none>'
}
