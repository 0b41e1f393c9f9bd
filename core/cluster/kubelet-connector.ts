import { once } from 'node:events'
import { connect } from 'node:tls'
import type { IssuedCertificate } from '../auth/certificate-authority.ts'
import type { Pki } from '../auth/pki.ts'
import type { KubeletConnector } from '../server/proxy/proxy-subresource.ts'
import type { Clock } from '../util/clock.ts'

const dayMs = 24 * 3600 * 1000
/** Where clients expect a kubelet; those of one machine cannot all listen there. */
const defaultPort = '10250'

/**
 * The API server's way to kubelets: TLS in both directions, under the name that kubeadm gives it there too. `addressOf`
 * tells where a node's kubelet listens; it answers there and under the usual port.
 */
export function createKubeletConnector(options: {
  pki: Pki
  addressOf: (nodeName: string) => { host: string; port: number } | undefined
  clock: Clock
}): KubeletConnector {
  const { pki, addressOf, clock } = options
  let credentials: Promise<IssuedCertificate> | undefined

  async function currentCredentials(): Promise<IssuedCertificate> {
    const known = await credentials
    if (known && known.notAfter - dayMs > clock.now()) return known
    credentials = pki.issueClient({
      commonName: 'kube-apiserver-kubelet-client',
      organizations: ['system:masters'],
    })
    return credentials
  }

  return (nodeName, port = '') => {
    const address = addressOf(nodeName)
    const isOwnPort = port === '' || port === defaultPort || port === String(address?.port)
    if (!address || !isOwnPort) return undefined
    return (async () => {
      const { certificate: cert, key } = await currentCredentials()
      const socket = connect({ ...address, ca: pki.ca.certificate, cert, key, servername: nodeName })
      await once(socket, 'secureConnect')
      return socket
    })()
  }
}
