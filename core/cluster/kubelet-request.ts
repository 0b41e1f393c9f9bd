import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** Opens a connection to a kubelet's HTTPS API that speaks TLS already. */
export type ConnectKubelet = () => Promise<Duplex>

/** A request to a kubelet over a connection of its own; its sender ends it. Rejects when there is no connection. */
export async function openKubeletRequest(
  connect: ConnectKubelet,
  path: string,
  { method = 'GET', headers = {}, signal }: { method?: string; headers?: object; signal?: AbortSignal } = {},
): Promise<ClientRequest> {
  const socket = await connect()
  return request({
    method,
    path,
    headers: { host: 'kubelet', ...headers },
    createConnection: () => socket,
    ...(signal && { signal }),
  })
}

/** The answer to a GET, whatever its code. Rejects when the connection breaks. */
export async function askKubelet(
  connect: ConnectKubelet,
  path: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const sent = await openKubeletRequest(connect, path, signal && { signal })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}
