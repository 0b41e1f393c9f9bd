import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { badRequest } from '../../../api/status.ts'
import { ChannelSocket } from '../channel-socket.ts'
import { forwardError, parsePort, type ForwardTarget } from './forward-target.ts'

/** The subprotocol whose binary messages carry raw SPDY. */
export const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io'
/** Subprotocols of the older form with two channels per port, '' standing for none. */
const channelProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', '']
/** Every WebSocket subprotocol for port-forward. */
export const portForwardWebSocketProtocols: string[] = [tunnelProtocol, ...channelProtocols]

const maxPorts = 100

/** Reads `?ports=80&ports=81` or `?ports=80,81`. Throws 400 for what is no port. */
export function readPorts(query: URLSearchParams): number[] {
  const texts = [...query.getAll('ports'), ...query.getAll('port')].flatMap((value) => value.split(','))
  if (texts.length === 0) throw badRequest('query parameter "ports" is required')
  if (texts.length > maxPorts) throw badRequest(`at most ${maxPorts} ports can be forwarded at once`)
  return texts.map((text) => {
    const port = parsePort(text.trim())
    if (port === undefined) throw badRequest(`unable to parse "${text}" as a port`)
    return port
  })
}

/**
 * Serves the older WebSocket form: for the n-th port of the query channel 2n carries data and 2n+1 errors, and the
 * first message on each is the port as two bytes, low one first. Ends when every connection has ended.
 */
export async function serveChannelPortForward(
  webSocket: WebSocket,
  protocol: string,
  options: { target: ForwardTarget; ports: number[] },
): Promise<void> {
  const { target, ports } = options
  const framing = { isBase64: protocol.includes('base64'), hasCloseSignal: false }
  const socket = new ChannelSocket(webSocket, framing)
  const inputs = ports.map((_port, index) => socket.readable(index * 2))
  await Promise.all(
    ports.map(async (port, index) => {
      const portBytes = Buffer.from([port & 0xff, port >> 8])
      await socket.send(index * 2, portBytes)
      await socket.send(index * 2 + 1, portBytes)
      try {
        const connection = await target.dial(port)
        inputs[index]!.pipe(connection)
        await Promise.race([sendAll(connection, socket, index * 2), socket.closed])
        connection.destroy()
      } catch (error) {
        await socket.send(index * 2 + 1, Buffer.from(forwardError(target, port, error)))
      }
    }),
  )
  socket.close()
  await socket.closed
}

/** Waits for the connection's end, whichever way it comes. */
async function sendAll(connection: Duplex, socket: ChannelSocket, channel: number): Promise<void> {
  const output = socket.writable(channel)
  connection.on('error', () => undefined)
  output.on('error', () => undefined)
  connection.pipe(output)
  await new Promise<void>((resolve) => {
    output.once('close', resolve)
    connection.once('close', () => {
      if (!connection.readableEnded) resolve()
    })
  })
}
