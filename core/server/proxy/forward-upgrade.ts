import { request as httpRequest, type IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Duplex } from 'node:stream'
import { serviceUnavailable, StatusError } from '../../api/status.ts'
import { joinStreams } from '../../util/join-streams.ts'
import type { Upgrade } from '../streaming/upgrade.ts'
import type { Destination } from './destination.ts'
import { requestHeaders, responseHeaders } from './forward-headers.ts'

/**
 * Hands an upgrade request on and, once the destination has switched protocols, bytes both ways until either side ends
 * (upstream: UpgradeAwareHandler.tryUpgrade). An answer other than 101 is handed back as it is. Rejects with a
 * StatusError before anything has been answered.
 */
export async function forwardUpgrade(upgrade: Upgrade, destination: Destination): Promise<void> {
  const { request, socket } = upgrade
  const answer = await switchProtocols(upgrade, destination)
  const { response, stream } = answer
  const code = response.statusCode ?? 502
  upgrade.audit?.started(code)
  const headers = { ...responseHeaders(response.headers, true) }
  if (!stream) {
    headers['connection'] = 'close'
    // Its length may be unknown; closing the connection ends it.
    delete headers['transfer-encoding']
    socket.write(headText(response, headers))
    await pipeline(response, socket).catch(() => socket.destroy())
    return
  }
  headers['connection'] = 'Upgrade'
  headers['upgrade'] = response.headers.upgrade ?? request.headers.upgrade
  socket.write(headText(response, headers))
  if (answer.head.length > 0) socket.write(answer.head)
  if (upgrade.head.length > 0) stream.write(upgrade.head)
  await joinStreams(socket, stream)
}

interface Switched {
  response: IncomingMessage
  /** Missing when the destination did not switch. */
  stream?: Duplex
  head: Buffer
}

async function switchProtocols({ request }: Upgrade, destination: Destination): Promise<Switched> {
  try {
    const connection = await destination.connect()
    const outgoing = httpRequest({
      method: request.method,
      path: destination.path,
      headers: {
        ...requestHeaders(request, destination),
        connection: 'Upgrade',
        upgrade: request.headers.upgrade,
      },
      createConnection: () => connection,
      setHost: false,
    })
    return await new Promise<Switched>((resolve, reject) => {
      outgoing.on('error', reject)
      outgoing.on('response', (response) => resolve({ response, head: Buffer.alloc(0) }))
      outgoing.on('upgrade', (response, stream, head) => resolve({ response, stream, head }))
      outgoing.end()
    })
  } catch (error) {
    if (error instanceof StatusError) throw error
    throw serviceUnavailable(destination.describeFailure(error))
  }
}

function headText(
  response: IncomingMessage,
  headers: NodeJS.Dict<number | string | string[] | readonly string[]>,
): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => `${name}: ${one}`),
  )
  return `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${lines.join('\r\n')}\r\n\r\n`
}
