import 'reflect-metadata'
import { KeyUsageFlags } from '@peculiar/x509'

const keyUsages: Record<string, KeyUsageFlags> = {
  signing: KeyUsageFlags.digitalSignature,
  'digital signature': KeyUsageFlags.digitalSignature,
  'content commitment': KeyUsageFlags.nonRepudiation,
  'key encipherment': KeyUsageFlags.keyEncipherment,
  'key agreement': KeyUsageFlags.keyAgreement,
  'data encipherment': KeyUsageFlags.dataEncipherment,
  'cert sign': KeyUsageFlags.keyCertSign,
  'crl sign': KeyUsageFlags.cRLSign,
  'encipher only': KeyUsageFlags.encipherOnly,
  'decipher only': KeyUsageFlags.decipherOnly,
}

/** Object identifiers of extended usages (RFC 5280 4.2.1.12 and the vendors'), in the order Go writes them. */
const extendedUsages: Record<string, string> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
}

/**
 * The usages of `certificates.k8s.io/v1` as X.509 knows them: flags of the key, and object identifiers without repetition.
 * Throws for one that is none (upstream: pkg/controller/certificates/authority/policies.go).
 */
export function certificateUsages(usages: string[]): { keyUsage: number; extended: string[] } {
  const unknown = usages.filter((usage) => !(usage in keyUsages) && !(usage in extendedUsages))
  if (unknown.length > 0) throw new Error(`unrecognized usage values: ${JSON.stringify(unknown)}`)
  const keyUsage = usages.reduce((flags, usage) => flags | (keyUsages[usage] ?? 0), 0)
  const extended = Object.entries(extendedUsages)
    .filter(([usage]) => usages.includes(usage))
    .map(([, identifier]) => identifier)
  return { keyUsage, extended: [...new Set(extended)] }
}
