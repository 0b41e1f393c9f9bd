import { Agent } from 'node:http'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import type { APIService } from '../../api/api-service.ts'
import { serviceUnavailable } from '../../api/status.ts'
import type { ServiceDialer } from '../../util/service-dialer.ts'

/** How this API server shows extension API servers that a request comes from it. PEM. */
export interface FrontProxyCertificate {
  certificate: string
  key: string
}

export interface ServiceAgentOptions {
  dialer?: ServiceDialer | undefined
  frontProxy: () => FrontProxyCertificate
}

/** Connections to the extension API server behind an APIService. */
export interface ServiceAgent {
  /** Keeps idle connections for further requests. */
  agent: Agent
  /** Opens one connection, shown the front proxy's certificate and verified as the APIService asks. */
  connect(): Promise<Duplex>
  /** Name and port as they stand in the Host header. */
  host: string
}

/** Creates the agent of an APIService with a Service (upstream: remote.BuildTransportConfig). */
export function createServiceAgent(spec: APIService['spec'], options: ServiceAgentOptions): ServiceAgent {
  const { namespace = '', name = '', port = 443 } = spec.service ?? {}
  const servername = `${name}.${namespace}.svc`
  const ca = spec.caBundle ? Buffer.from(spec.caBundle, 'base64').toString('utf8') : undefined
  // HTTP over whatever stream `connect` gives, which has its TLS already.
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 25 })

  async function connect(): Promise<TLSSocket> {
    if (!options.dialer) throw serviceUnavailable('the API server has no way into the cluster')
    const socket = await options.dialer.dialService({ namespace, name, port })
    const { certificate, key } = options.frontProxy()
    const secure = connectTls({
      socket,
      servername,
      cert: certificate,
      key,
      rejectUnauthorized: spec.insecureSkipTLSVerify !== true,
      ...(ca === undefined ? {} : { ca }),
    })
    await once(secure, 'secureConnect')
    return secure
  }
  agent.createConnection = (_options, callback) => {
    connect().then(
      (socket) => callback?.(null, socket),
      // Node's type wants a stream even where there is an error.
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    )
    return undefined
  }
  return { agent, connect, host: `${servername}:${port}` }
}
