import type { Service, ServiceSpec } from '../api/generated/core-v1.ts'
import type { Endpoint, EndpointSlice } from '../api/generated/discovery-v1.ts'

/** A Service in namespace `default` with one TCP port 80; for tests. */
export function makeService(name: string, spec: ServiceSpec = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
  }
}

/** An EndpointSlice of a Service in namespace `default`; endpoints are addresses or whole endpoints; for tests. */
export function makeSlice(
  service: string,
  endpoints: Array<string | Endpoint>,
  ports: EndpointSlice['ports'] = [{ name: '', port: 8080, protocol: 'TCP' }],
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-slice`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    endpoints: endpoints.map((endpoint) =>
      typeof endpoint === 'string' ? { addresses: [endpoint], conditions: { ready: true } } : endpoint,
    ),
    ports,
  }
}
