import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openCertificateAuthority } from '../../auth/certificate-authority.ts'
import { systemClock } from '../../util/clock.ts'

/** A request as it came, of any shape. */
export type Json = ReturnType<typeof JSON.parse>

/** What a webhook answers: an object as JSON, or text with a status code; later, or never. */
export type WebhookAnswer = object | { code: number; text: string }

/** A real HTTPS server with a certificate for these names, for webhooks of tests. */
export interface WebhookServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** What clients must trust, in base64. */
  readonly caBundle: string
  /** Every body that came, in order, with its path. */
  readonly requests: Array<{ path: string; body: Json }>
  /** Connections made so far. */
  connections(): number
  /** By path without query; what is not there is 404. May be replaced at any time. */
  readonly answers: Map<string, (body: Json) => WebhookAnswer | Promise<WebhookAnswer>>
}

/** Starts one on a free port. */
export async function startWebhookServer(
  options: { dnsNames?: string[]; host?: string } = {},
): Promise<WebhookServer> {
  const { dnsNames = ['localhost'], host = '127.0.0.1' } = options
  const directory = mkdtempSync(join(tmpdir(), 'webhook-'))
  const ca = await openCertificateAuthority(directory, systemClock)
  const { certificate, key } = await ca.issue({
    commonName: 'webhook',
    dnsNames,
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
  })
  const requests: WebhookServer['requests'] = []
  const answers: WebhookServer['answers'] = new Map()
  let connections = 0
  const server: Server = createServer({ cert: certificate, key }, (request, response) => {
    const path = new URL(request.url ?? '/', 'https://x').pathname
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json
      requests.push({ path: request.url ?? '/', body })
      const answer = answers.get(path)
      void Promise.resolve(answer ? answer(body) : { code: 404, text: 'no such webhook' }).then((value) => {
        const raw = 'code' in value && 'text' in value ? (value as { code: number; text: string }) : undefined
        response.writeHead(raw?.code ?? 200, { 'content-type': 'application/json' })
        response.end(raw?.text ?? JSON.stringify(value))
      })
    })
  })
  server.on('secureConnection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    caBundle: Buffer.from(ca.certificate).toString('base64'),
    requests,
    answers,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true })
    },
  }
}

/** An AdmissionReview that answers this request. */
export function reviewOf(body: Json, response: object): object {
  return {
    apiVersion: body.apiVersion,
    kind: 'AdmissionReview',
    response: { uid: body.request.uid, allowed: true, ...response },
  }
}

/** The patch fields of a response. */
export function patchWith(...operations: object[]): object {
  return {
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
  }
}
