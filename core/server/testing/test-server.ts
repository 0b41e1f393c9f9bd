import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpsRequest, type Agent, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isNotFound } from '../../api/status.ts'
import { createAuthenticator } from '../../auth/authn/create-authenticator.ts'
import { createServiceAccountTokens } from '../../auth/authn/service-account-tokens.ts'
import { createStaticTokens } from '../../auth/authn/static-tokens.ts'
import { mastersAuthorizer } from '../../auth/authz/masters-authorizer.ts'
import { defaultPolicy } from '../../auth/authz/rbac/bootstrap-policy/default-policy.ts'
import { createRbacAuthorizer } from '../../auth/authz/rbac/rbac-authorizer.ts'
import { createFixedPolicy } from '../../auth/authz/rbac/testing/fixed-policy.ts'
import { createUnionAuthorizer } from '../../auth/authz/union-authorizer.ts'
import { openPki, type Pki } from '../../auth/pki.ts'
import { createTokenIssuer } from '../../auth/tokens.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { createRegistry } from '../../registry/create-registry.ts'
import { createProtobufDecoder } from '../../registry/protobuf/decode-protobuf.ts'
import { createProtobufEncoder } from '../../registry/protobuf/encode-protobuf.ts'
import type { Registry } from '../../registry/registry.ts'
import { openApiFacts } from '../../registry/schema/api-facts.ts'
import { createMemoryStore } from '../../storage/memory-store.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { createApiServer, type ApiServer, type ApiServerOptions } from '../api-server.ts'

const { clusterRoles, clusterRoleBindings } = defaultPolicy()
/** The defaults, and a team that may read and write but not impersonate. */
const policy = createFixedPolicy({
  clusterRoles: [
    ...clusterRoles,
    {
      metadata: { name: 'team' },
      rules: [{ verbs: ['get', 'list', 'watch', 'create'], apiGroups: ['*'], resources: ['*'] }],
    },
  ],
  clusterRoleBindings: [
    ...clusterRoleBindings,
    {
      metadata: { name: 'team' },
      roleRef: { kind: 'ClusterRole', name: 'team' },
      subjects: [
        { kind: 'Group', name: 'team' },
        { kind: 'Group', name: 'system:serviceaccounts' },
      ],
    },
  ],
})

/** An answer, read to its end. */
export interface Reply {
  code: number
  headers: Record<string, string | string[] | undefined>
  raw: Buffer
  json: ReturnType<typeof JSON.parse>
}

export interface CallOptions {
  /** Anything but text and bytes is sent as JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** A bearer token; null for none. Left out: the client certificate of an administrator. */
  token?: string | null
  /** Keeps connections for further calls; left out, each call has its own. */
  agent?: Agent
}

/** An API server over HTTPS on a memory store, with the namespace `default`, and a client for it. */
export interface TestServer {
  readonly server: ApiServer
  readonly registry: Registry
  readonly pki: Pki
  readonly port: number
  /** Certificate and key of an administrator. */
  readonly client: { certificate: string; key: string }
  call(method: string, path: string, options?: CallOptions): Promise<Reply>
  /** TLS options and address of a connection as the administrator, or by token. */
  connection(token?: string | null): RequestOptions
  close(): Promise<void>
}

/**
 * Starts one. Tokens: `admin-token` is system:masters, `user-token` is ada of the group team, which may get, list, watch
 * and create everything. `configure` may add to the server's options, or replace some.
 */
export async function startTestServer(
  configure: (parts: { registry: Registry; pki: Pki }) => Partial<ApiServerOptions> = () => ({}),
): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'server-'))
  const pki = await openPki({ directory, clock: systemClock, log: silentLogger })
  const registry = createRegistry({
    store: createMemoryStore(),
    kinds: builtInKinds,
    admission: [],
    clock: systemClock,
    log: silentLogger,
  })
  const server = createApiServer({
    ...(await serverOptions(registry, pki)),
    ...configure({ registry, pki }),
  })
  const { port } = await server.listen('127.0.0.1', 0)
  const client = await pki.issueClient({ commonName: 'admin', organizations: ['system:masters'] })
  const connection = (token?: string | null): RequestOptions => ({
    host: '127.0.0.1',
    port,
    ca: pki.ca.certificate,
    ...(token === undefined ? { cert: client.certificate, key: client.key } : {}),
    ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
  })
  const call = (method: string, path: string, options: CallOptions = {}): Promise<Reply> =>
    request({ ...connection(options.token), method, path, agent: options.agent }, options)
  await call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'default' } } })
  return {
    server,
    registry,
    pki,
    port,
    client,
    call,
    connection,
    async close() {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function serverOptions(registry: Registry, pki: Pki): Promise<ApiServerOptions> {
  const tokenIssuer = createTokenIssuer({ key: pki.serviceAccountKey, clock: systemClock })
  const certificates = await pki.issueServer(() => ({ dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] }))
  const staticTokens = createStaticTokens([
    { token: 'user-token', user: { name: 'ada', groups: ['team'] } },
    { token: 'admin-token', user: { name: 'root', groups: ['system:masters'] } },
  ])
  const accountTokens = createServiceAccountTokens({
    key: pki.serviceAccountKey,
    issuer: tokenIssuer.issuer,
    audiences: tokenIssuer.audiences,
    clock: systemClock,
    read: async (resource, namespace, name) => {
      try {
        return (await registry.resource('', 'v1', resource)!.get(namespace, name)).object
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
  })
  return {
    registry,
    authenticator: createAuthenticator({ tokens: [staticTokens, accountTokens] }),
    authorizer: createUnionAuthorizer([mastersAuthorizer, createRbacAuthorizer(policy)]),
    tokenIssuer,
    certificates: {
      clientCa: pki.ca.certificate,
      current: () => certificates.current,
      onRenewed: (listener) => certificates.onRenewed(listener),
    },
    nodeBackends: () => undefined,
    schemas: () => openApiFacts().schemas(),
    decodeProtobuf: createProtobufDecoder(openApiFacts()),
    protobuf: createProtobufEncoder(openApiFacts()),
    clock: systemClock,
    log: silentLogger,
  }
}

function request(to: RequestOptions, { body, headers = {} }: CallOptions): Promise<Reply> {
  const text =
    body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  // The length is needed: Node frames the body of a DELETE by nothing else.
  const type =
    text === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ ...to, headers: { ...to.headers, ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const raw = Buffer.concat(chunks)
        const isJson = response.headers['content-type']?.startsWith('application/json')
        const plain = response.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
        resolve({
          code: response.statusCode ?? 0,
          headers: response.headers,
          raw,
          get json() {
            return isJson && plain.length > 0 ? JSON.parse(plain.toString()) : {}
          },
        })
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}
