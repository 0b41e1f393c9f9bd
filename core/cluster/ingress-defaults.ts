import type { IngressClass } from '../api/generated/networking-v1.ts'
import { ingressController } from '../api/ingress-annotations.ts'
import type { Pki } from '../auth/pki.ts'

/** The class of the built-in controller. Whoever installs another as default gets it: of two the newer counts. */
export const builtInIngressClass: IngressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: {
    name: 'wheelhouse',
    annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
  },
  spec: { controller: ingressController },
}

/** The ports that Ingresses are served at: the usual one, else those that are customary instead of it, else any. */
export function ingressPorts(usual: number): number[] {
  const instead = Array.from({ length: 10 }, (_, index) => 8000 + usual + index)
  return [usual, ...instead, 0]
}

/** The certificate for hosts that no Ingress brings one for, of the cluster's CA. */
export async function issueDefaultCertificate(pki: Pki): Promise<{ certificate: string; key: string }> {
  return pki.ca.issue({
    commonName: 'wheelhouse-ingress',
    dnsNames: ['localhost', '*.localhost'],
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
  })
}
