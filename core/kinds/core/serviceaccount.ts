import type { ServiceAccount } from '../../api/generated/core-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'

const mountableSecrets = 'kubernetes.io/enforce-mountable-secrets'

export const serviceAccount = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  namespaced: true,
  names: { plural: 'serviceaccounts', singular: 'serviceaccount', short: ['sa'] },
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  returnsDeletedObject: true,
  prepareForCreate: keepNamesOfSecrets,
  prepareForUpdate: keepNamesOfSecrets,
  columns: [nameColumn(), ageColumn()],
  warnings: ({ metadata }, old) =>
    mountableSecrets in (metadata.annotations ?? {}) &&
    !(mountableSecrets in (old?.metadata.annotations ?? {}))
      ? [
          `metadata.annotations[${mountableSecrets}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        ]
      : [],
})

/** Of its secrets an account knows the names alone (upstream: pkg/registry/core/serviceaccount cleanSecretReferences). */
function keepNamesOfSecrets(object: ServiceAccount): void {
  if (object.secrets) object.secrets = object.secrets.map(({ name }) => (name === undefined ? {} : { name }))
}
