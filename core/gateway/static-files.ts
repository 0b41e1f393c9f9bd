import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { badRequest, pageNotFound } from '../api/status.ts'
import { sendPage } from './answers.ts'

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}

/** Serves GET and HEAD of the built page; paths without an extension give `index.html`. Throws StatusErrors. */
export type StaticFiles = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>

/**
 * Serves the files below `directory` and nothing else: no dot files, no way out by `..`. Files whose name carries a
 * content hash are cached for good, others are checked by ETag. An absent build is answered with how to make it.
 */
export function createStaticFiles(directory: string): StaticFiles {
  const root = resolve(directory)
  return async (request, response, path) => {
    const segments = decodeSegments(path)
    const name = segments.at(-1) ?? ''
    const isRoute = extname(name) === ''
    const file = isRoute ? join(root, 'index.html') : join(root, ...segments)
    if (!file.startsWith(root + sep)) throw pageNotFound()
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile()) {
      await sendFile(request, response, { file, size: found.size, modifiedMs: found.mtimeMs })
    } else if (isRoute) {
      const text = 'Run <code>npm run build</code> in the project folder, then reload this page.'
      sendPage(response, 503, { title: 'The page is not built yet', text })
    } else {
      throw pageNotFound()
    }
  }
}

function decodeSegments(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      let text: string
      try {
        text = decodeURIComponent(segment)
      } catch {
        throw badRequest('malformed path')
      }
      if (text.startsWith('.') || /[/\\\0:]/.test(text)) throw pageNotFound()
      return text
    })
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  found: { file: string; size: number; modifiedMs: number },
): Promise<void> {
  const { file, size, modifiedMs } = found
  const etag = `"${size.toString(36)}-${Math.trunc(modifiedMs).toString(36)}"`
  const isHashed = /[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(file) && file.includes(`${sep}assets${sep}`)
  const headers = {
    etag,
    'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-type': contentTypes[extname(file).toLowerCase()] ?? 'application/octet-stream',
  }
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, { ...headers, 'content-length': size })
  if (request.method === 'HEAD') response.end()
  else await pipeline(createReadStream(file), response).catch(ignoreLeaving)
}

/** A reader that leaves, or closes as soon as it has the bytes it was told of, is no failure of ours. */
function ignoreLeaving(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
}
