import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressSpec,
} from '../../api/generated/networking-v1.ts'

/** An Ingress in namespace `default`; for tests. */
export function makeIngress(name: string, spec: IngressSpec, annotations?: Record<string, string>): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'default', ...(annotations && { annotations }) },
    spec,
  }
}

/** A path that leads to port 80 of a Service; for tests. */
export function makePath(path: string, service: string, pathType = 'Prefix'): HTTPIngressPath {
  return { path, pathType, backend: makeBackend(service) }
}

/** Port 80 of a Service; for tests. */
export function makeBackend(name: string): IngressBackend {
  return { service: { name, port: { number: 80 } } }
}
