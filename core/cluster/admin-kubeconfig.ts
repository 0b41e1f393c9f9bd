import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** How to reach a running cluster as its administrator. PEM texts. */
export interface AdminAccess {
  server: string
  ca: string
  cert: string
  key: string
}

interface AdminKubeconfig {
  clusters: Array<{ cluster: { server: string; 'certificate-authority-data': string } }>
  users: Array<{ user: { 'client-certificate-data': string; 'client-key-data': string } }>
}

/** Reads the kubeconfig that a cluster writes into its data directory. */
export function readAdminKubeconfig(dataDirectory: string): AdminAccess {
  const config = parse(readFileSync(join(dataDirectory, 'kubeconfig'), 'utf8')) as AdminKubeconfig
  const { cluster } = config.clusters[0]!
  const { user } = config.users[0]!
  const decode = (text: string): string => Buffer.from(text, 'base64').toString()
  return {
    server: cluster.server,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  }
}
