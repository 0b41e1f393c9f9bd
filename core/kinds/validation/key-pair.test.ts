import 'reflect-metadata'
import { generateKeyPairSync, KeyObject, webcrypto } from 'node:crypto'
import { X509CertificateGenerator } from '@peculiar/x509'
import { beforeAll, expect, it } from 'vitest'
import { keyPairProblem } from './key-pair.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const block = (type: string, content: string): string =>
  `-----BEGIN ${type}-----\n${content}\n-----END ${type}-----\n`
let certificate: string
let key: string
let sec1: string

beforeAll(async () => {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=a', keys: keys as never, signingAlgorithm: algorithm },
    webcrypto as never,
  )
  certificate = `${made.toString('pem')}\n`
  const secret = KeyObject.from(keys.privateKey as never)
  key = pem(secret)
  sec1 = secret.export({ type: 'sec1', format: 'pem' }) as string
})

function pem(secret: KeyObject): string {
  return secret.export({ type: 'pkcs8', format: 'pem' }) as string
}

it('takes a certificate and its key, in any form and with text around them', () => {
  expect(keyPairProblem(certificate, key)).toBeUndefined()
  expect(keyPairProblem(`# mine\n${certificate}${certificate}`, `${certificate}${sec1}`)).toBeUndefined()
  expect(keyPairProblem(certificate.replaceAll('\n', '\r\n'), sec1.trimEnd())).toBeUndefined()
  expect(keyPairProblem(certificate, key.replace('-----\n', '-----\nOf: me\n\n'))).toBeUndefined()
})

it('says what is missing as Go does', () => {
  const other = block('A', 'QQ==') + block('B', 'QQ==')
  expect(keyPairProblem('x', key)).toBe('tls: failed to find any PEM data in certificate input')
  expect(keyPairProblem(block('A', '?'), key)).toBe('tls: failed to find any PEM data in certificate input')
  expect(keyPairProblem(key, certificate)).toBe(
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  )
  expect(keyPairProblem(other, key)).toBe(
    'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [A B]',
  )
  expect(keyPairProblem(certificate, '')).toBe('tls: failed to find any PEM data in key input')
  expect(keyPairProblem(certificate, certificate)).toBe(
    'tls: found a certificate rather than a key in the PEM for the private key',
  )
  expect(keyPairProblem(certificate, other)).toBe(
    'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [A B]',
  )
})

it('says what cannot be read, and what does not match', () => {
  expect(keyPairProblem(block('CERTIFICATE', 'QUJD'), key)).toBe('x509: malformed certificate')
  expect(keyPairProblem(certificate, block('PRIVATE KEY', 'QUJD'))).toBe('tls: failed to parse private key')
  const another = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  expect(keyPairProblem(certificate, pem(another))).toBe('tls: private key does not match public key')
  const edwards = generateKeyPairSync('ed25519').privateKey
  expect(keyPairProblem(certificate, pem(edwards))).toBe(
    'tls: private key type does not match public key type',
  )
  const unknownCurve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey
  expect(keyPairProblem(certificate, pem(unknownCurve))).toBe('tls: failed to parse private key')
})
