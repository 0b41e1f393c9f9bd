import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** A key for AES-256-GCM. */
export interface EncryptionKey {
  /** Stored with every value, so that the right key is found: letters, digits, `-`, `_`, `.`. */
  name: string
  /** 32 bytes. */
  secret: Uint8Array
}

const nonceBytes = 12
const tagBytes = 16

/** Encrypts with a random nonce; `context` must be the same when it is decrypted. Gives nonce, ciphertext and tag in one. */
export function encryptAesGcm(key: EncryptionKey, context: string, plain: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce)
  cipher.setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The reverse. Throws when the key or the context is another, or a single bit was changed. */
export function decryptAesGcm(key: EncryptionKey, context: string, sealed: Uint8Array): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('it is too short')
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key.secret, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(end))
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, end)), decipher.final()])
}
