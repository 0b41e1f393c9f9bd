import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, type JWK } from 'jose'
import { readOrCreatePrivateFile } from './private-file.ts'

/** The key pair that signs ServiceAccount tokens (ES256). */
export interface ServiceAccountKey {
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Public half, for the JWKS document. */
  readonly jwk: JWK
}

/** Opens `sa.key` (PKCS#8, 0600) in the directory, making one when absent. The key id is its RFC 7638 thumbprint. */
export async function openServiceAccountKey(directory: string): Promise<ServiceAccountKey> {
  const pem = await readOrCreatePrivateFile(join(directory, 'sa.key'), async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    return exportPKCS8(pair.privateKey)
  })
  const privateKey = createPrivateKey(pem)
  const publicKey = createPublicKey(privateKey)
  const exported = await exportJWK(publicKey)
  const keyId = await calculateJwkThumbprint(exported)
  return { keyId, privateKey, publicKey, jwk: { ...exported, kid: keyId, alg: 'ES256', use: 'sig' } }
}
