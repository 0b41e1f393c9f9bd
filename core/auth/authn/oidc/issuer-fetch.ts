import { request } from 'node:https'

/** As much of `fetch` as the issuer is asked with. */
export type IssuerFetch = (
  url: string,
  options: { method?: string; signal?: AbortSignal },
) => Promise<Response>

const timeoutMs = 30_000
const maxBytes = 4 * 1024 * 1024

/** A `fetch` that trusts a given CA only (PEM), which the built-in one cannot be told. Redirects are not followed. */
export function createIssuerFetch(ca: string | undefined): IssuerFetch {
  return (url, { method = 'GET', signal }) =>
    new Promise((resolve, reject) => {
      const limit = AbortSignal.timeout(timeoutMs)
      const asked = request(
        url,
        {
          method,
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
          headers: { accept: 'application/json' },
          ...(ca !== undefined && { ca }),
        },
        (response) => {
          const chunks: Buffer[] = []
          let length = 0
          response.on('data', (chunk: Buffer) => {
            length += chunk.length
            if (length > maxBytes) asked.destroy(new Error(`the answer of ${url} is too long`))
            else chunks.push(chunk)
          })
          response.on('error', reject)
          response.on('end', () => {
            resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500 }))
          })
        },
      )
      asked.on('error', reject)
      asked.end()
    })
}
