import { resources } from '../api/resources.ts'
import type { Pki } from '../auth/pki.ts'
import type { Client } from '../client/client.ts'
import { createEventRecorder } from '../client/event-recorder.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import { referenceTo } from '../client/object-reference.ts'
import { createBalancer } from '../network/balancer.ts'
import { createIngressHost, type IngressHost } from '../network/ingress/ingress-host.ts'
import { createLoadBalancer, loopbackAddresses, type LoadBalancer } from '../network/load-balancer.ts'
import { createNodePorts } from '../network/node-ports.ts'
import type { ServiceIndex } from '../network/service-index.ts'
import type { Clock } from '../util/clock.ts'
import type { EndpointDialer } from '../util/endpoint-dialer.ts'
import type { Logger } from '../util/logger.ts'
import { ingressPorts, issueDefaultCertificate } from './ingress-defaults.ts'
import type { ClusterOptions } from './options.ts'

export interface LocalServicesOptions {
  options: Pick<ClusterOptions, 'loadBalancer' | 'ingress'>
  client: Client
  informers: InformerFactory
  services: ServiceIndex
  dialer: EndpointDialer
  pki: Pki
  clock: Clock
  log: Logger
}

/** What of the cluster is open on this machine. */
export interface LocalServices {
  /** Undefined: left to others. */
  readonly loadBalancerHost: LoadBalancer | undefined
  readonly ingressHost: IngressHost | undefined
  /** Closes all of it; once no controller asks for any more. */
  close(): Promise<void>
}

const loopback = '127.0.0.1'

/** Opens node ports from now on, and LoadBalancers and Ingresses as controllers ask for them. */
export function createLocalServices(local: LocalServicesOptions): LocalServices {
  const { options, client, informers, services, dialer, pki, clock } = local
  const log = local.log.child('local-services')
  const ports = { balancer: createBalancer({ services, clock }), dialer, clock, log }
  const secrets = informers.informer(resources.secrets).store
  const loadBalancerHost =
    options.loadBalancer === 'none'
      ? undefined
      : createLoadBalancer({ ...ports, addresses: loopbackAddresses(process.platform) })
  const ingressHost =
    options.ingress === 'none'
      ? undefined
      : createIngressHost({
          ...ports,
          services,
          host: loopback,
          secret: (key) => secrets.get(key),
          defaultCertificate: () => issueDefaultCertificate(pki),
          httpPorts: ingressPorts(80),
          httpsPorts: ingressPorts(443),
        })
  const events = createEventRecorder({ client, component: 'node-ports', clock, log })
  const nodePorts = createNodePorts({
    ...ports,
    services,
    hosts: [loopback],
    onProblem: (service, message) =>
      events.record(referenceTo(resources.services, service), {
        type: 'Warning',
        reason: 'FailedToOpenNodePort',
        message,
      }),
  })
  return {
    loadBalancerHost,
    ingressHost,
    async close() {
      nodePorts[Symbol.dispose]()
      events[Symbol.dispose]()
      await loadBalancerHost?.close()
      await ingressHost?.close()
    },
  }
}
