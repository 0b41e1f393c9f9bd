import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { pathNotFound } from '../../api/status.ts'
import type { NodeLogs } from '../logs/node-logs.ts'
import type { KubeletRequest } from './kubelet-path.ts'

/** Serves `/logs/…` as Go's file server does: folders as pages of links, under paths that end with a slash. */
export async function serveNodeLogs(
  logs: NodeLogs,
  { parts, path }: KubeletRequest,
  response: ServerResponse,
): Promise<void> {
  const ending = new AbortController()
  response.once('close', () => ending.abort())
  const names = parts.slice(1)
  const entry = await logs.open(names, ending.signal)
  if (!entry) throw pathNotFound()
  if ('log' in entry) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
    await pipeline(entry.log, response).catch(() => undefined)
    return
  }
  if (!path.endsWith('/')) {
    response.writeHead(301, { location: `${encodeURIComponent(parts.at(-1) ?? '')}/` }).end()
    return
  }
  const links = entry.names.map((name) => `<a href="${name}">${name}</a>\n`)
  const head = '<!doctype html>\n<meta name="viewport" content="width=device-width">\n'
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    .end(`${head}<pre>\n${links.join('')}</pre>\n`)
}
