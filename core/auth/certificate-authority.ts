import 'reflect-metadata'
import { createPrivateKey, randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import type { Clock } from '../util/clock.ts'
import { subjectAltNames } from '../util/signing-request.ts'
import { certificateUsages } from './certificate-usages.ts'
import { readOrCreatePrivateFile, writePrivateFile } from './private-file.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 24 * 3600 * 1000
const caLifeMs = 3650 * dayMs
/** Certificates count as valid from one hour before now, so that clients whose clocks run behind accept them. */
const backdateMs = 3600 * 1000
/**
 * Certificates that were asked for count from five minutes ago, and end that much earlier unless they are short-lived
 * (upstream: pkg/controller/certificates/signer).
 */
const requestedBackdateMs = 5 * 60 * 1000
const shortLifeMs = 8 * 3600 * 1000

/** A certificate with its key, both PEM. `notBefore` and `notAfter` are milliseconds since the epoch. */
export interface IssuedCertificate {
  certificate: string
  key: string
  notBefore: number
  notAfter: number
}

/** What a leaf certificate is to say. A server is known by its names and addresses, a client by CN and O. */
interface CertificateRequest {
  commonName: string
  organizations?: string[]
  dnsNames?: string[]
  ipAddresses?: string[]
  usages: Array<'server' | 'client'>
  validityMs?: number
}

/** An own certificate authority (ECDSA P-256). */
export interface CertificateAuthority {
  /** PEM of the CA certificate. */
  readonly certificate: string
  /** Issues a leaf certificate with a new key, valid 1 year unless told otherwise. */
  issue(request: CertificateRequest): Promise<IssuedCertificate>
  /**
   * Signs what somebody else asks for: `request` is base64 of a PEM block with a PKCS#10 request, whose subject, key and
   * subjectAltNames count; `usages` are those of `certificates.k8s.io/v1`. Gives the certificate as PEM.
   */
  sign(request: string, terms: { usages: string[]; durationMs: number }): Promise<string>
}

type KeyPair = webcrypto.CryptoKeyPair

async function generateKeyPair(): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function exportKey(keys: KeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString()
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' })
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign'])
}

/** A positive 127-bit serial number; a leading zero bit keeps the DER integer positive. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

async function createAuthority(
  commonName: string,
  now: number,
): Promise<{ key: string; certificate: string }> {
  const keys = await generateKeyPair()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + caLifeMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: await exportKey(keys), certificate: certificate.toString('pem') }
}

/** Whether the stored certificate belongs to the stored key and has at least 30 days left. */
function isUsable(certificate: string, key: string, now: number): boolean {
  const parsed = new NodeCertificate(certificate)
  return parsed.checkPrivateKey(createPrivateKey(key)) && Date.parse(parsed.validTo) - now > 30 * dayMs
}

/**
 * Opens the CA kept in `directory` as `<name>.crt` and `<name>.key` (0600), making a new one (10 years) when there is none or
 * the stored one is about to expire.
 */
export async function openCertificateAuthority(
  directory: string,
  clock: Clock,
  name: 'ca' | 'front-proxy-ca' = 'ca',
): Promise<CertificateAuthority> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const certificateFile = join(directory, `${name}.crt`)
  const keyFile = join(directory, `${name}.key`)
  const now = clock.now()
  let certificate = existsSync(certificateFile) ? readFileSync(certificateFile, 'utf8') : ''
  let key = certificate ? await readOrCreatePrivateFile(keyFile, async () => '') : ''
  if (!certificate || !key || !isUsable(certificate, key, now)) {
    ;({ certificate, key } = await createAuthority(name === 'ca' ? 'wheelhouse-ca' : name, now))
    writePrivateFile(keyFile, key)
    writePrivateFile(certificateFile, certificate, 0o644)
  }
  return createIssuer(certificate, await importKey(key), clock)
}

function createIssuer(
  certificate: string,
  signingKey: webcrypto.CryptoKey,
  clock: Clock,
): CertificateAuthority {
  const authority = new x509.X509Certificate(certificate)
  return {
    certificate,
    async issue(request) {
      const keys = await generateKeyPair()
      const now = clock.now()
      const notBefore = Math.floor((now - backdateMs) / 1000) * 1000
      const wanted = Math.floor((now + (request.validityMs ?? 365 * dayMs)) / 1000) * 1000
      const notAfter = Math.min(wanted, authority.notAfter.getTime())
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: subjectOf(request),
        issuer: authority.subjectName,
        notBefore: new Date(notBefore),
        notAfter: new Date(notAfter),
        publicKey: keys.publicKey,
        signingKey,
        signingAlgorithm: algorithm,
        extensions: await leafExtensions(request, keys, authority),
      })
      return { certificate: leaf.toString('pem'), key: await exportKey(keys), notBefore, notAfter }
    },
    async sign(content, { usages, durationMs }) {
      const request = new x509.Pkcs10CertificateRequest(Buffer.from(content, 'base64').toString('latin1'))
      const now = clock.now()
      if (now >= authority.notAfter.getTime()) throw new Error('the certificate authority has expired')
      const end = now + durationMs - (durationMs < shortLifeMs ? 0 : requestedBackdateMs)
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: request.subjectName,
        issuer: authority.subjectName,
        notBefore: wholeSecond(now - requestedBackdateMs),
        notAfter: wholeSecond(Math.min(end, authority.notAfter.getTime())),
        publicKey: request.publicKey,
        signingKey,
        signingAlgorithm: algorithm,
        extensions: await requestedExtensions(request, usages, authority),
      })
      return `${leaf.toString('pem')}\n`
    },
  }
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000)
}

/** Of the extensions that a request wants only its names are taken over. */
async function requestedExtensions(
  request: x509.Pkcs10CertificateRequest,
  usages: string[],
  authority: x509.X509Certificate,
): Promise<x509.Extension[]> {
  const { keyUsage, extended } = certificateUsages(usages)
  const names = subjectAltNames(request).filter(({ type }) => ['dns', 'email', 'ip', 'url'].includes(type))
  const extensions: x509.Extension[] = []
  if (keyUsage !== 0) extensions.push(new x509.KeyUsagesExtension(keyUsage, true))
  if (extended.length > 0) extensions.push(new x509.ExtendedKeyUsageExtension(extended))
  extensions.push(
    new x509.BasicConstraintsExtension(false, undefined, true),
    await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
  )
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names))
  return extensions
}

function subjectOf(request: CertificateRequest): x509.JsonName {
  const organizations = (request.organizations ?? []).map((organization) => ({ O: [organization] }))
  return [...organizations, { CN: [request.commonName] }]
}

async function leafExtensions(
  request: CertificateRequest,
  keys: KeyPair,
  authority: x509.X509Certificate,
): Promise<x509.Extension[]> {
  const usages = request.usages.map((usage) =>
    usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
  )
  const names: x509.JsonGeneralNames = [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ]
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(usages),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
  ]
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names))
  return extensions
}
