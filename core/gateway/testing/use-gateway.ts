import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { KubeObject } from '../../api/meta.ts'
import { openCertificateAuthority } from '../../auth/certificate-authority.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import type { GatewayCluster } from '../gateway-cluster.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import { startFakeApiServer, type FakeApiServer } from './fake-api-server.ts'

export interface Answer {
  code: number
  headers: IncomingHttpHeaders
  body: string
}

export interface AskOptions {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** A gateway for each test of a file, over an API server that the test scripts. */
export interface GatewayUnderTest {
  readonly gateway: Gateway
  /** The API server behind the cluster `local`. */
  readonly api: FakeApiServer
  /** A directory of the file's own; `pages`, with the page's files, lies in it. */
  readonly directory: string
  readonly pages: string
  readonly preferencesFile: string
  /** A request as any program could send it, without fetch's own rules about headers. */
  ask(path: string, options?: AskOptions): Promise<Answer>
  bearer(): Record<string, string>
  cookie(): Promise<string>
}

/**
 * Starts a gateway before each test and ends it after. It knows two clusters: `local`, whose scheduler can say why the pod
 * `shop/web` waits, and `gone`, which cannot be reached.
 */
export function useGateway(): GatewayUnderTest {
  const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-gateway-'))
  const pages = join(directory, 'page')
  const preferencesFile = join(directory, 'data', 'preferences.json')
  let tls: { key: string; certificate: string }
  let ca = ''
  let api: FakeApiServer
  let gateway: Gateway

  beforeAll(async () => {
    const authority = await openCertificateAuthority(join(directory, 'pki'), systemClock)
    const issued = await authority.issue({
      commonName: 'api',
      ipAddresses: ['127.0.0.1'],
      usages: ['server'],
    })
    tls = { key: issued.key, certificate: issued.certificate }
    ca = authority.certificate
    mkdirSync(join(pages, 'assets'), { recursive: true })
    writeFileSync(join(pages, 'index.html'), '<!doctype html><title>page</title>')
    writeFileSync(join(pages, 'assets', 'app-Ab12Cd34.js'), 'export {}')
    writeFileSync(join(directory, 'secret.txt'), 'secret')
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  beforeEach(async () => {
    api = await startFakeApiServer(tls)
    const local = {
      id: 'local',
      name: 'local',
      server: api.url,
      ca,
      token: 'cluster-token',
      builtIn: true,
      explainScheduling: explain,
    }
    const gone = { id: 'gone', name: 'gone', server: 'https://127.0.0.1:1', ca, builtIn: false }
    gateway = await createGateway({
      clusters: [local, gone],
      staticDirectory: pages,
      port: 0,
      preferencesFile,
      clock: systemClock,
      log: silentLogger,
    })
  })
  afterEach(async () => {
    await gateway.close()
    await api.close()
  })

  function ask(path: string, { method = 'GET', headers = {}, body }: AskOptions = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: gateway.port, path, method, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () =>
          resolve({ code: response.statusCode ?? 0, headers: response.headers, body: text }),
        )
        response.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  return {
    get gateway() {
      return gateway
    },
    get api() {
      return api
    },
    directory,
    pages,
    preferencesFile,
    ask,
    bearer: () => ({ authorization: `Bearer ${gateway.token}` }),
    cookie: async () => {
      const { headers } = await ask(`/?token=${gateway.token}`)
      return headers['set-cookie']![0]!.split(';')[0]!
    },
  }
}

const explain: GatewayCluster['explainScheduling'] = (podKey) => {
  if (podKey !== 'shop/web') return undefined
  const verdicts = [{ node: 'n', rejectedBy: 'P' }]
  return { podKey, at: 1, chosen: undefined, message: 'no node', verdicts }
}

/** A pod of the namespace `default`. */
export function podNamed(name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels } }
}
