import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { oidcProblems, type OidcOptions } from '../auth/authn/oidc/oidc-options.ts'
import { admissionFlags, admissionUsage, readAdmissionFlags, type AdmissionFlags } from './admission-flags.ts'
import type { EtcdLocation } from './open-store.ts'
import { durationOf } from './duration-flag.ts'
import { UsageError } from './usage-error.ts'

/** What the control plane can be told beyond the basics; what is absent takes its default. */
export interface ControlPlaneFlags {
  /** Absent: SQLite in the data directory. */
  etcd?: EtcdLocation
  /** How long old revisions are kept in SQLite; absent: a day. */
  historyAgeMs?: number
  /** Folder of CA and ServiceAccount key, for API servers that share them. */
  certDirectory?: string
  /** Upstream's EncryptionConfiguration; absent: the file in the data directory. */
  encryptionFile?: string
  oidc?: OidcOptions
  /** Absent: upstream's default plugins. */
  admission?: AdmissionFlags
}

/** For `parseArgs`. */
export const controlPlaneFlags = {
  store: { type: 'string' },
  'etcd-prefix': { type: 'string' },
  'etcd-cafile': { type: 'string' },
  'etcd-certfile': { type: 'string' },
  'etcd-keyfile': { type: 'string' },
  'history-age': { type: 'string' },
  'cert-dir': { type: 'string' },
  'encryption-provider-config': { type: 'string' },
  'oidc-issuer-url': { type: 'string' },
  'oidc-client-id': { type: 'string' },
  'oidc-username-claim': { type: 'string' },
  'oidc-username-prefix': { type: 'string' },
  'oidc-groups-claim': { type: 'string' },
  'oidc-groups-prefix': { type: 'string' },
  'oidc-required-claim': { type: 'string', multiple: true },
  'oidc-ca-file': { type: 'string' },
  'oidc-signing-algs': { type: 'string' },
  ...admissionFlags,
} as const

export const controlPlaneUsage = `  --store S             sqlite (default: in the data directory) or etcd://HOST:PORT[,HOST:PORT...]
  --etcd-prefix P       where the objects lie in etcd (default: /registry)
  --etcd-cafile F, --etcd-certfile F, --etcd-keyfile F
                        TLS to etcd: its CA, and our certificate and key
  --history-age D       how long old revisions are kept in SQLite, as long as they fit 256 MiB (default: 24h; upstream
                        forgets them after 5m)
  --cert-dir DIR        CA and ServiceAccount key; the same for API servers that share a store
  --encryption-provider-config F
                        upstream's EncryptionConfiguration; the same for API servers that share a store
  --oidc-issuer-url URL, --oidc-client-id ID
                        take ID tokens of this issuer that are made out to this client
  --oidc-username-claim C (default: sub), --oidc-username-prefix P, --oidc-groups-claim C, --oidc-groups-prefix P,
  --oidc-required-claim K=V (several), --oidc-ca-file F, --oidc-signing-algs A,... (default: RS256)
                        as kube-apiserver's
${admissionUsage}`

type Values = Record<string, string | boolean | string[] | undefined>

/** Reads the flags, and the files they name. Throws UsageError. */
export function readControlPlaneFlags(values: Values): ControlPlaneFlags {
  const flags: ControlPlaneFlags = {}
  const etcd = readEtcd(values)
  if (etcd) flags.etcd = etcd
  const historyAge = text(values, 'history-age')
  if (historyAge !== undefined) flags.historyAgeMs = durationOf('history-age', historyAge)
  const certDirectory = text(values, 'cert-dir')
  if (certDirectory !== undefined) flags.certDirectory = resolve(certDirectory)
  const encryptionFile = text(values, 'encryption-provider-config')
  if (encryptionFile !== undefined) flags.encryptionFile = resolve(encryptionFile)
  const oidc = readOidc(values)
  if (oidc) flags.oidc = oidc
  const admission = readAdmissionFlags(values)
  if (admission) flags.admission = admission
  return flags
}

function readEtcd(values: Values): EtcdLocation | undefined {
  const store = text(values, 'store') ?? 'sqlite'
  const ca = readBytes(values, 'etcd-cafile')
  const cert = readBytes(values, 'etcd-certfile')
  const key = readBytes(values, 'etcd-keyfile')
  if (store === 'sqlite') return undefined
  const endpoints = /^etcd:\/\/([^/]+)\/?$/.exec(store)?.[1]?.split(',') ?? []
  if (
    endpoints.length === 0 ||
    !endpoints.every((endpoint) => /^[^\s:]+:\d+$|^\[[0-9a-f:]+\]:\d+$/i.test(endpoint))
  ) {
    throw new UsageError(`--store "${store}": must be sqlite or etcd://HOST:PORT[,HOST:PORT...]`)
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('--etcd-certfile and --etcd-keyfile must be given together')
  }
  if (cert && !ca) throw new UsageError('--etcd-certfile needs --etcd-cafile')
  const prefix = text(values, 'etcd-prefix')
  return {
    endpoints,
    ...(prefix !== undefined && { prefix }),
    ...(ca && { tls: { ca, ...(cert && key && { cert, key }) } }),
  }
}

function readOidc(values: Values): OidcOptions | undefined {
  const issuerUrl = text(values, 'oidc-issuer-url')
  const clientId = text(values, 'oidc-client-id')
  if (issuerUrl === undefined && clientId === undefined) return undefined
  const usernamePrefix = text(values, 'oidc-username-prefix')
  const groupsClaim = text(values, 'oidc-groups-claim')
  const ca = readBytes(values, 'oidc-ca-file')?.toString()
  const oidc: OidcOptions = {
    issuerUrl: issuerUrl ?? '',
    clientId: clientId ?? '',
    usernameClaim: text(values, 'oidc-username-claim') ?? 'sub',
    ...(usernamePrefix !== undefined && { usernamePrefix }),
    ...(groupsClaim !== undefined && { groupsClaim }),
    groupsPrefix: text(values, 'oidc-groups-prefix') ?? '',
    requiredClaims: Object.fromEntries([values['oidc-required-claim'] ?? []].flat().map(readClaim)) as Record<
      string,
      string
    >,
    ...(ca !== undefined && { ca }),
    signingAlgorithms: (text(values, 'oidc-signing-algs') ?? 'RS256').split(','),
  }
  const [problem] = oidcProblems(oidc)
  if (problem !== undefined) throw new UsageError(problem)
  return oidc
}

function readClaim(pair: string | boolean): [string, string] {
  const text = String(pair)
  const at = text.indexOf('=')
  if (at <= 0) throw new UsageError(`--oidc-required-claim "${text}": must be KEY=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function text(values: Values, flag: string): string | undefined {
  const value = values[flag]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function readBytes(values: Values, flag: string): Buffer | undefined {
  const file = text(values, flag)
  if (file === undefined) return undefined
  try {
    return readFileSync(file)
  } catch (error) {
    throw new UsageError(`--${flag} "${file}": ${(error as Error).message}`)
  }
}
