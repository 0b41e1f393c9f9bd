import { createHash, randomBytes } from 'node:crypto'
import { parse, stringify } from 'yaml'
import type { EncryptionKey } from './aes-gcm.ts'

/** How one value may be stored: with the first of these keys, or plainly. */
export type EncryptionProvider = { aesgcm: EncryptionKey[] } | 'identity'

/** Which resources are stored how: the first provider writes, all of them read. */
export interface EncryptionRule {
  /** As upstream names them: `secrets`, `deployments.apps`, `*.apps`, `*.` (all of the core group), `*.*`. */
  resources: string[]
  providers: EncryptionProvider[]
}

/** The rules in order; the first one that names a resource counts. */
export type EncryptionConfiguration = EncryptionRule[]

const keyBytes = 32
const namePattern = /^[A-Za-z0-9][-_.A-Za-z0-9]{0,62}$/

/** A key for new data, named after its hash. */
export function createEncryptionKey(secret: Uint8Array = randomBytes(keyBytes)): EncryptionKey {
  if (secret.length !== keyBytes)
    throw new Error(`an encryption key has ${keyBytes} bytes, not ${secret.length}`)
  return { name: `key-${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`, secret }
}

/** Secrets under the first key; what other keys or none have encrypted is read. */
export function secretsUnder(keys: EncryptionKey[]): EncryptionConfiguration {
  return [{ resources: ['secrets'], providers: [{ aesgcm: keys }, 'identity'] }]
}

/** The configuration with `key` as the one that writes, in front of every rule's own. */
export function withNewestKey(rules: EncryptionConfiguration, key: EncryptionKey): EncryptionConfiguration {
  return rules.map(({ resources, providers }) => {
    const [first, ...rest] = providers
    if (first === undefined || first === 'identity') return { resources, providers }
    const older = first.aesgcm.filter(({ name }) => name !== key.name)
    return { resources, providers: [{ aesgcm: [key, ...older] }, ...rest] }
  })
}

/**
 * Reads upstream's EncryptionConfiguration (apiserver.config.k8s.io/v1) with the providers `aesgcm` (32-byte keys) and
 * `identity`. Throws an Error that says where it is wrong; `file` is for the message.
 */
export function parseEncryptionConfiguration(text: string, file: string): EncryptionConfiguration {
  const fail = (why: string): never => {
    throw new Error(`${file}: ${why}`)
  }
  let document: unknown
  try {
    document = parse(text)
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause })
  }
  const { apiVersion, kind, resources } = (document ?? {}) as Record<string, unknown>
  if (apiVersion !== 'apiserver.config.k8s.io/v1' || kind !== 'EncryptionConfiguration') {
    return fail('it must be an EncryptionConfiguration of apiserver.config.k8s.io/v1')
  }
  if (!Array.isArray(resources) || resources.length === 0) return fail('resources: Required value')
  return resources.map((rule, at) =>
    readRule(rule, (field, why) => fail(`resources[${at}].${field}: ${why}`)),
  )
}

type Fail = (field: string, why: string) => never

function readRule(value: unknown, fail: Fail): EncryptionRule {
  const rule = (value ?? {}) as Record<string, unknown>
  const resources = Array.isArray(rule['resources']) ? rule['resources'].map(String) : []
  const providers: unknown[] = Array.isArray(rule['providers']) ? rule['providers'] : []
  if (resources.length === 0) fail('resources', 'Required value')
  if (providers.length === 0) fail('providers', 'Required value')
  return {
    resources,
    providers: providers.map((provider, at) =>
      readProvider(provider, (field, why) => fail(`providers[${at}]${field}`, why)),
    ),
  }
}

function readProvider(value: unknown, fail: Fail): EncryptionProvider {
  const names = Object.keys((value ?? {}) as object)
  const provider = value as { aesgcm?: { keys?: unknown } }
  if (names.length === 1 && names[0] === 'identity') return 'identity'
  if (names.length !== 1 || names[0] !== 'aesgcm') {
    return fail('', `must be aesgcm or identity (this server has no ${names.join(', ') || 'such provider'})`)
  }
  const keys = provider.aesgcm?.keys
  if (!Array.isArray(keys) || keys.length === 0) return fail('.aesgcm.keys', 'Required value')
  const read = keys.map((key: { name?: unknown; secret?: unknown } | null, at): EncryptionKey => {
    const name = String(key?.name ?? '')
    if (!namePattern.test(name)) fail(`.aesgcm.keys[${at}].name`, 'must be letters, digits, "-", "_" and "."')
    const secret = Buffer.from(typeof key?.secret === 'string' ? key.secret : '', 'base64')
    if (secret.length !== keyBytes) fail(`.aesgcm.keys[${at}].secret`, `must be ${keyBytes} bytes in base64`)
    return { name, secret }
  })
  if (new Set(read.map(({ name }) => name)).size < read.length) fail('.aesgcm.keys', 'names must be unique')
  return { aesgcm: read }
}

/** The YAML that `parseEncryptionConfiguration` reads. It holds the keys. */
export function printEncryptionConfiguration(rules: EncryptionConfiguration): string {
  return stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: rules.map(({ resources, providers }) => ({
      resources,
      providers: providers.map((provider) =>
        provider === 'identity'
          ? { identity: {} }
          : {
              aesgcm: {
                keys: provider.aesgcm.map(({ name, secret }) => ({
                  name,
                  secret: Buffer.from(secret).toString('base64'),
                })),
              },
            },
      ),
    })),
  })
}
