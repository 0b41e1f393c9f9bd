import type { SubjectNames } from '../auth/pki.ts'
import { clusterDomain, serviceNetwork } from './bootstrap-objects.ts'

/** What the API server's certificate names at the start; addresses of further networks are added to it. */
export function servingNames(): SubjectNames {
  return {
    dnsNames: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      `kubernetes.default.svc.${clusterDomain}`,
      'localhost',
      'host.docker.internal',
    ],
    ipAddresses: ['127.0.0.1', '::1', serviceNetwork.kubernetesIp],
  }
}
