import type { Secret } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateDataKey, validateImmutableData } from '../validation/data-map.ts'
import { immutable, invalidValue, required, tooLong } from '../../api/field-errors.ts'
import { jsonObjectProblem } from '../validation/json-object.ts'
import { keyPairProblem } from '../validation/key-pair.ts'

const maxBytes = 1024 * 1024
const accountName = 'kubernetes.io/service-account.name'
const sshKey = 'ssh-privatekey'
/** Keys that a secret of the type must have. */
const requiredKeys: Record<string, string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': [sshKey],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
}

export const secret = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  namespaced: true,
  names: { plural: 'secrets', singular: 'secret' },
  schema: 'io.k8s.api.core.v1.Secret',
  columns: [
    nameColumn(),
    { name: 'Type', type: 'string', value: (object) => object.type ?? '' },
    { name: 'Data', type: 'string', value: (object) => Object.keys(object.data ?? {}).length },
    ageColumn(),
  ],
  default(object) {
    object.type ||= 'Opaque'
    if (!object.stringData) return
    const data = { ...object.data }
    for (const [key, value] of Object.entries(object.stringData))
      data[key] = Buffer.from(value).toString('base64')
    object.data = data
    delete object.stringData
  },
  validate: validateSecret,
  validateUpdate(object, old) {
    const errors = object.type === old.type ? [] : [immutable('type', object.type)]
    return [...errors, ...validateImmutableData(object, old, ['data'])]
  },
  warnings: secretWarnings,
  selectableFields: { type: (object) => object.type ?? '' },
})

/** A certificate and a key that no server can use are stored, with a word. */
function secretWarnings({ type, data = {} }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('latin1')
  const problem = keyPairProblem(text('tls.crt'), text('tls.key'))
  return problem === undefined ? [] : [problem]
}

function validateSecret(object: Secret): FieldError[] {
  const { data = {}, type = '' } = object
  const errors = Object.keys(data).flatMap((key) => validateDataKey(key, 'data'))
  const size = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0)
  if (size > maxBytes) errors.push(tooLong('data', maxBytes))
  for (const key of requiredKeys[type] ?? []) {
    const value = data[key]
    // A private key must be more than there.
    if (value === undefined || (value === '' && key === sshKey)) errors.push(required(`data[${key}]`))
    else if (key.startsWith('.docker')) {
      const why = jsonObjectProblem(Buffer.from(value, 'base64').toString())
      if (why) errors.push(invalidValue(`data[${key}]`, '<secret contents redacted>', why))
    }
  }
  if (type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined) {
    errors.push(required('data[username]'), required('data[password]'))
  }
  if (type === 'kubernetes.io/service-account-token' && !object.metadata.annotations?.[accountName]) {
    errors.push(required(`metadata.annotations[${accountName}]`))
  }
  return errors
}
