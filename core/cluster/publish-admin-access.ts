import type { CertificateManager } from '../auth/certificate-manager.ts'
import type { Pki } from '../auth/pki.ts'
import type { Logger } from '../util/logger.ts'
import { mergeKubeconfig, writeKubeconfig, type KubeconfigInput } from './kubeconfig.ts'
import type { ClusterOptions } from './options.ts'

/**
 * Issues the administrator's certificate and writes it into the kubeconfig of the data directory, and into the user's own
 * where the options say so; both again whenever it is renewed. `kubeconfig` is the file's path; disposing of `admin` ends it.
 */
export async function publishAdminAccess(context: {
  options: ClusterOptions
  userName: string
  server: string
  pki: Pki
  log: Logger
}): Promise<{ admin: CertificateManager; kubeconfig: string }> {
  const { options, userName, server, pki, log } = context
  const admin = await pki.manageClient({
    commonName: userName,
    organizations: ['system:masters'],
  })
  const credentials = (): KubeconfigInput => ({
    clusterName: options.name,
    server,
    ca: pki.ca.certificate,
    clientCertificate: admin.current.certificate,
    clientKey: admin.current.key,
  })
  const kubeconfig = writeKubeconfig(options.dataDirectory, credentials())
  admin.onRenewed(() => {
    writeKubeconfig(options.dataDirectory, credentials())
    if (options.mergeKubeconfig) mergeKubeconfig(credentials(), process.env)
  })
  if (options.mergeKubeconfig)
    log.info('merged into kubeconfig', { file: mergeKubeconfig(credentials(), process.env) })
  return { admin, kubeconfig }
}
