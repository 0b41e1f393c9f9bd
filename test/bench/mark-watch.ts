import { once } from 'node:events'
import { ChunkedBody } from './chunked-body.ts'
import { openSocket, readBytes, type ServerAccess } from './http-client.ts'

const markKey = '"bench-mark":"'
/** As much of what has come as the next mark may begin in. */
const kept = 64

/** Opens a watch and reports the mark in each event; looks at nothing else, to leave the processor to the server. */
export async function openMarkWatch(
  access: ServerAccess,
  path: string,
  onMark: (mark: string) => void,
): Promise<() => void> {
  // Nothing is allocated per read: the client's own collections would show as the server's latency.
  const data = Buffer.allocUnsafeSlow(kept + readBytes)
  let restLength = 0
  const chunks = new ChunkedBody((bytes) => {
    data.set(bytes, restLength)
    const length = restLength + bytes.length
    const text = data.subarray(0, length)
    let from = 0
    for (let at = text.indexOf(markKey); at >= 0; at = text.indexOf(markKey, from)) {
      const end = text.indexOf('"', at + markKey.length)
      if (end < 0) break
      onMark(text.toString('latin1', at + markKey.length, end))
      from = end
    }
    from = Math.max(from, length - kept)
    data.copyWithin(0, from, length)
    restLength = length - from
  })
  let head: string | undefined = ''
  const opened = Promise.withResolvers<void>()
  const socket = openSocket(access, (bytes) => {
    if (head === undefined) return void chunks.push(bytes)
    head += bytes.toString('latin1')
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    if (head.startsWith('HTTP/1.1 200 ')) opened.resolve()
    else opened.reject(new Error(head))
    const body = Buffer.from(head.slice(end + 4), 'latin1')
    head = undefined
    chunks.push(body)
  })
  socket.on('error', opened.reject)
  await once(socket, 'secureConnect')
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench/1\r\nAccept: application/json\r\n\r\n`,
  )
  await opened.promise
  return () => socket.destroy()
}
