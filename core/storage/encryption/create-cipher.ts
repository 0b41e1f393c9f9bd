import { createHash } from 'node:crypto'
import { resourcePrefix } from '../key-index.ts'
import { StorageFailureError } from '../store.ts'
import { decryptAesGcm, encryptAesGcm, type EncryptionKey } from './aes-gcm.ts'
import {
  printEncryptionConfiguration,
  type EncryptionConfiguration,
  type EncryptionProvider,
} from './encryption-configuration.ts'
import type { ValueCipher } from './value-cipher.ts'

/** What upstream writes before such a value, followed by `<key name>:` (apiserver/pkg/storage/value/encrypt/aes). */
const mark = 'k8s:enc:aesgcm:v1:'
const markBytes = Buffer.from(mark)
/** Longest key name plus the colon. */
const longestName = 64

/** How the values of one resource are stored. */
interface ResourceRule {
  /** The key that writes; undefined: plainly. */
  newest: EncryptionKey | undefined
  keys: Map<string, EncryptionKey>
  readsPlain: boolean
}

const plainRule: ResourceRule = { newest: undefined, keys: new Map(), readsPlain: true }

/** AES-256-GCM by resource; a value is bound to its key, so that it cannot be moved to another object unnoticed. */
export function createCipher(configuration: EncryptionConfiguration): ValueCipher {
  const everyKey = keysOf(configuration.flatMap(({ providers }) => providers))
  const rules = new Map<string, ResourceRule>()

  function ruleFor(key: string): ResourceRule {
    const prefix = resourcePrefix(key) ?? ''
    let rule = rules.get(prefix)
    if (!rule) rules.set(prefix, (rule = findRule(configuration, prefix)))
    return rule
  }
  return {
    fingerprint: fingerprintOf(configuration),
    seal(key, value) {
      const { newest } = ruleFor(key)
      if (!newest) return value
      return Buffer.concat([Buffer.from(`${mark}${newest.name}:`), encryptAesGcm(newest, key, value)])
    },
    open(key, value) {
      const rule = ruleFor(key)
      const sealed = readMark(value)
      if (!sealed) {
        if (rule.readsPlain) return value
        throw failure(
          key,
          'it is stored unencrypted, and the encryption configuration does not list identity',
        )
      }
      // A resource that is not encrypted any more is still read with the keys of the others.
      const used = rule.keys.get(sealed.keyName) ?? everyKey.get(sealed.keyName)
      if (!used) {
        throw failure(
          key,
          `it was encrypted with ${sealed.keyName}, which the encryption configuration does not have`,
        )
      }
      try {
        return decryptAesGcm(used, key, sealed.body)
      } catch (cause) {
        throw failure(key, 'it was tampered with, or is damaged', cause)
      }
    },
    isStale(key, value) {
      return readMark(value)?.keyName !== ruleFor(key).newest?.name
    },
  }
}

function readMark(value: Uint8Array): { keyName: string; body: Uint8Array } | undefined {
  // JSON begins with a brace: nearly all values are told apart by one byte.
  if (value[0] !== markBytes[0] || Buffer.compare(value.subarray(0, mark.length), markBytes) !== 0)
    return undefined
  const end = value.subarray(0, mark.length + longestName).indexOf(0x3a, mark.length)
  if (end < 0) return undefined
  const keyName = Buffer.from(value.subarray(mark.length, end)).toString('latin1')
  return { keyName, body: value.subarray(end + 1) }
}

function findRule(configuration: EncryptionConfiguration, prefix: string): ResourceRule {
  const [, group = '', resource = ''] = prefix.split('/')
  const suffix = group === 'core' ? '' : `.${group}`
  const names = new Set([resource + suffix, group === 'core' ? '*.' : `*${suffix}`, '*.*'])
  const rule = configuration.find(({ resources }) => resources.some((name) => names.has(name)))
  if (!rule) return plainRule
  const [first] = rule.providers
  return {
    newest: first === undefined || first === 'identity' ? undefined : first.aesgcm[0],
    keys: keysOf(rule.providers),
    readsPlain: rule.providers.includes('identity'),
  }
}

function keysOf(providers: EncryptionProvider[]): Map<string, EncryptionKey> {
  const keys = providers.flatMap((provider) => (provider === 'identity' ? [] : provider.aesgcm))
  return new Map(keys.map((key) => [key.name, key]))
}

/** 48 bits of a hash, so that it fits a number exactly. */
function fingerprintOf(configuration: EncryptionConfiguration): number {
  return (
    createHash('sha256').update(printEncryptionConfiguration(configuration)).digest().readUIntBE(0, 6) || 1
  )
}

function failure(key: string, why: string, cause?: unknown): StorageFailureError {
  const [, , resource, ...name] = key.split('/')
  return new StorageFailureError(`${resource} "${name.join('/')}" cannot be decrypted: ${why}`, { cause })
}
