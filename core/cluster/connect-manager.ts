import type { CertificateManager } from '../auth/certificate-manager.ts'
import type { Pki } from '../auth/pki.ts'
import { createHttpsTransport } from '../client/https-transport.ts'

/** The controller manager's connection to the API server over HTTPS, by a certificate that renews itself. Both are to be disposed of. */
export async function connectManager(
  pki: Pki,
  server: string,
): Promise<{ manager: CertificateManager; serverTransport: ReturnType<typeof createHttpsTransport> }> {
  const manager = await pki.manageClient({
    commonName: 'system:kube-controller-manager',
    organizations: ['system:masters'],
  })
  const serverTransport = createHttpsTransport({
    server,
    ca: pki.ca.certificate,
    get cert() {
      return manager.current.certificate
    },
    get key() {
      return manager.current.key
    },
  })
  return { manager, serverTransport }
}
