import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import {
  openCertificateAuthority,
  type CertificateAuthority,
  type IssuedCertificate,
} from './certificate-authority.ts'
import { createCertificateManager, type CertificateManager } from './certificate-manager.ts'
import { openServiceAccountKey, type ServiceAccountKey } from './service-account-key.ts'

/** Names and addresses a serving certificate is valid for. */
export interface SubjectNames {
  dnsNames: string[]
  ipAddresses: string[]
}

/** All key material of one cluster. */
export interface Pki {
  readonly ca: CertificateAuthority
  readonly serviceAccountKey: ServiceAccountKey
  /** Signs nothing but the certificate by which extension API servers know this API server. */
  readonly frontProxyCa: CertificateAuthority
  /** A serving certificate that renews itself. `names` is asked again at each renewal, so the set may grow. */
  issueServer(names: () => SubjectNames): Promise<CertificateManager>
  /** A client certificate that renews itself. */
  manageClient(client: { commonName: string; organizations: string[] }): Promise<CertificateManager>
  /** A client certificate: CN becomes the user, O the groups. Valid 1 year. */
  issueClient(client: { commonName: string; organizations: string[] }): Promise<IssuedCertificate>
}

/**
 * Opens the cluster's key material in `directory`, making what is missing: `ca.crt`, `ca.key`,
 * `front-proxy-ca.crt`, `front-proxy-ca.key`, `sa.key` (keys 0600).
 * Leaf certificates are never stored.
 */
export async function openPki(options: { directory: string; clock: Clock; log: Logger }): Promise<Pki> {
  const { directory, clock, log } = options
  const ca = await openCertificateAuthority(directory, clock)
  const frontProxyCa = await openCertificateAuthority(directory, clock, 'front-proxy-ca')
  const serviceAccountKey = await openServiceAccountKey(directory)
  return {
    ca,
    frontProxyCa,
    serviceAccountKey,
    issueServer: (names) =>
      createCertificateManager({
        issue: () => ca.issue({ commonName: 'kube-apiserver', ...names(), usages: ['server'] }),
        clock,
        log,
      }),
    manageClient: (client) =>
      createCertificateManager({ issue: () => ca.issue({ ...client, usages: ['client'] }), clock, log }),
    issueClient: (client) => ca.issue({ ...client, usages: ['client'] }),
  }
}
