import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import envPaths from 'env-paths'
import {
  controlPlaneFlags,
  controlPlaneUsage,
  readControlPlaneFlags,
  type ControlPlaneFlags,
} from './control-plane-flags.ts'
import { kubeletFlags, kubeletUsage, readKubeletFlags } from './kubelet-flags.ts'
import type { KubeletSettings } from '../kubelet/kubelet-settings.ts'
import { UsageError } from './usage-error.ts'

/** How a cluster is to run; every field is settled before anything starts. */
export interface ClusterOptions extends ControlPlaneFlags {
  name: string
  /** Absolute. Holds the store, certificates, kubeconfig, logs and the lock. */
  dataDirectory: string
  /** Wanted ports on 127.0.0.1; 0 means the one used last time, else any free one. */
  apiPort: number
  uiPort: number
  nodes: number
  /**
   * Absolute: manifests of static pods of the first node; those of another node lie in a sub-directory of its name. Left
   * out: `manifests` in the data directory.
   */
  staticPodPath?: string
  /** Further nodes that run no containers; their pods live by scripts. */
  simulatedNodes: number
  runtime: 'docker' | 'simulated'
  /** Whether a clean exit stops the pods' containers or leaves them running to be adopted. */
  onExit: 'stop' | 'keep'
  mergeKubeconfig: boolean
  /** Whether Services of type LoadBalancer get an address of this machine, or somebody else sees to them. */
  loadBalancer: 'localhost' | 'none'
  /** Whether the built-in ingress controller serves Ingresses, or somebody else sees to them. */
  ingress: 'builtin' | 'none'
  logLevel: string
  /** Left out: the defaults. */
  kubelet?: KubeletSettings
  /** Left out: nothing is audited. */
  audit?: AuditLogOptions
}

/** What is audited and where to. */
export interface AuditLogOptions {
  policyFile: string
  /** A file, or `-` for stdout. */
  logPath: string
  /** Size at which the file is rotated. */
  maxSizeMegabytes: number
  /** Old files to keep; 0 keeps all. */
  maxBackups: number
}

/** What the command line asks for. */
export type Command =
  | { command: 'run'; options: ClusterOptions }
  | { command: 'delete'; options: ClusterOptions }
  | { command: 'unmerge-kubeconfig' | 'rotate-keys'; options: ClusterOptions }
  | { command: 'backup' | 'restore'; file: string; options: ClusterOptions }
  | { command: 'node'; action: 'stop' | 'start'; node: string; options: ClusterOptions }
  | { command: 'help' }

export const usage = `usage: npm run cluster -- [flags]                       run a cluster in the foreground
       npm run cluster -- delete [flags]                remove its containers, networks, volumes and data
       npm run cluster -- node stop|start NAME [flags]  stop or start one node of a running cluster
       npm run cluster -- backup FILE [flags]           write its whole state, keys included, to one file, running or not
       npm run cluster -- restore FILE [flags]          make a new or stopped cluster what it was in a backup
       npm run cluster -- rotate-keys [flags]           encrypt Secrets of a stopped cluster with a new key
       npm run cluster -- unmerge-kubeconfig [flags]    take it out of ~/.kube/config again

  --name N              name of the cluster (default: wheelhouse)
  --data-dir DIR        where it keeps its state (default: the user's data folder, by name)
  --api-port P          port of the Kubernetes API on 127.0.0.1 (default and 0: the last one used, else a free one)
  --ui-port P           port of the page on 127.0.0.1 (likewise)
  --nodes N             number of nodes (default: 1; 0: control plane only)
  --simulated-nodes N   further nodes without containers, for scale and teaching (default: 0)
  --static-pod-path DIR manifests of static pods of the first node, and in DIR/NODE of another (default: manifests
                        in the data directory)
  --runtime R           docker or simulated (default: docker)
  --on-exit A           stop: stop the containers at exit (default); keep: leave them to be adopted
  --merge-kubeconfig    also add the cluster to ~/.kube/config (undo: unmerge-kubeconfig)
  --load-balancer L     localhost: LoadBalancer Services are open on this machine (default); none: leave them to others
  --ingress I           builtin: Ingresses are served on this machine (default); none: leave them to others
  --log-level L         debug, info, warn or error (default: info)
${controlPlaneUsage}${kubeletUsage}  --audit-policy-file F what to write into the audit log (audit.k8s.io/v1 Policy); with --audit-log-path
  --audit-log-path F    where to write it, one JSON event per line; - is stdout
  --audit-log-maxsize M megabytes at which the file is rotated (default: 100)
  --audit-log-maxbackup N  old files to keep; 0 keeps all (default: 0)
`

const namePattern = /^[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?$/

/** Parses the arguments after `npm run cluster --`. Throws UsageError. */
export function parseCommand(argv: string[]): Command {
  const { values, positionals } = parse(argv)
  if (values.help) return { command: 'help' }
  const options = toOptions(values)
  const [command, ...rest] = positionals
  if (command === undefined) return { command: 'run', options }
  if (
    (command === 'delete' || command === 'unmerge-kubeconfig' || command === 'rotate-keys') &&
    rest.length === 0
  ) {
    return { command, options }
  }
  if (command === 'backup' || command === 'restore') {
    const [file, ...more] = rest
    if (command === 'restore' && options.etcd) {
      throw new UsageError(
        'restore writes the state in a data directory; where --store is etcd, restore that: etcdutl snapshot restore --bump-revision 1000000000 --mark-compacted',
      )
    }
    if (file && more.length === 0) return { command, file, options }
    throw new UsageError(`usage: npm run cluster -- ${command} FILE`)
  }
  if (command === 'node') {
    const [action, node, ...more] = rest
    if ((action === 'stop' || action === 'start') && node && more.length === 0) {
      return { command, action, node, options }
    }
    throw new UsageError('usage: npm run cluster -- node stop|start NAME')
  }
  throw new UsageError(`unknown command "${positionals.join(' ')}"; see --help`)
}

type Values = Record<string, string | boolean | string[] | undefined>

const flags = {
  name: { type: 'string' },
  'data-dir': { type: 'string' },
  'api-port': { type: 'string' },
  'ui-port': { type: 'string' },
  nodes: { type: 'string' },
  'simulated-nodes': { type: 'string' },
  runtime: { type: 'string' },
  'static-pod-path': { type: 'string' },
  'on-exit': { type: 'string' },
  'merge-kubeconfig': { type: 'boolean' },
  'load-balancer': { type: 'string' },
  ingress: { type: 'string' },
  'log-level': { type: 'string' },
  'audit-policy-file': { type: 'string' },
  'audit-log-path': { type: 'string' },
  'audit-log-maxsize': { type: 'string' },
  'audit-log-maxbackup': { type: 'string' },
  ...controlPlaneFlags,
  ...kubeletFlags,
  help: { type: 'boolean', short: 'h' },
} as const

function parse(argv: string[]): {
  values: Values
  positionals: string[]
} {
  try {
    return parseArgs({ args: argv, allowPositionals: true, options: flags })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/**
 * Every flag and its value, in text: what was given, or else what has been settled instead of it. Empty where nothing says
 * more than that it was not given.
 */
export function flagValues(argv: string[], options: ClusterOptions): Record<string, string> {
  const { values } = parse(argv)
  const settled: Partial<Record<keyof typeof flags, unknown>> = {
    name: options.name,
    'data-dir': options.dataDirectory,
    'api-port': options.apiPort,
    'ui-port': options.uiPort,
    nodes: options.nodes,
    'simulated-nodes': options.simulatedNodes,
    runtime: options.runtime,
    'on-exit': options.onExit,
    'merge-kubeconfig': options.mergeKubeconfig,
    'load-balancer': options.loadBalancer,
    ingress: options.ingress,
    'log-level': options.logLevel,
    help: false,
  }
  const names = Object.keys(flags) as Array<keyof typeof flags>
  return Object.fromEntries(names.map((name) => [name, String(values[name] ?? settled[name] ?? '')]))
}

function toOptions(values: Values): ClusterOptions {
  const name = text(values['name']) ?? 'wheelhouse'
  if (!namePattern.test(name)) {
    throw new UsageError(`--name "${name}": lower-case letters, digits and '-', at most 40 characters`)
  }
  const directory = text(values['data-dir'])
  const staticPodPath = text(values['static-pod-path'])
  const kubelet = readKubeletFlags(values)
  return {
    name,
    dataDirectory: directory
      ? resolve(directory)
      : join(envPaths('wheelhouse', { suffix: '' }).data, 'clusters', name),
    ...(staticPodPath && { staticPodPath: resolve(staticPodPath) }),
    apiPort: integer(values, 'api-port', { fallback: 0, min: 0, max: 65535 }),
    uiPort: integer(values, 'ui-port', { fallback: 0, min: 0, max: 65535 }),
    nodes: integer(values, 'nodes', { fallback: 1, min: 0, max: 250 }),
    simulatedNodes: integer(values, 'simulated-nodes', { fallback: 0, min: 0, max: 10_000 }),
    runtime: choice(values, 'runtime', ['docker', 'simulated']),
    onExit: choice(values, 'on-exit', ['stop', 'keep']),
    mergeKubeconfig: values['merge-kubeconfig'] === true,
    loadBalancer: choice(values, 'load-balancer', ['localhost', 'none']),
    ingress: choice(values, 'ingress', ['builtin', 'none']),
    logLevel: choice(values, 'log-level', ['info', 'debug', 'warn', 'error']),
    ...readControlPlaneFlags(values),
    ...(kubelet && { kubelet }),
    ...auditOptions(values),
  }
}

function auditOptions(values: Values): { audit?: AuditLogOptions } {
  const policyFile = text(values['audit-policy-file'])
  const logPath = text(values['audit-log-path'])
  if (!policyFile && !logPath) return {}
  if (!policyFile || !logPath) throw new UsageError('--audit-policy-file and --audit-log-path go together')
  return {
    audit: {
      policyFile: resolve(policyFile),
      logPath: logPath === '-' ? logPath : resolve(logPath),
      maxSizeMegabytes: integer(values, 'audit-log-maxsize', { fallback: 100, min: 1, max: 100_000 }),
      maxBackups: integer(values, 'audit-log-maxbackup', { fallback: 0, min: 0, max: 10_000 }),
    },
  }
}

function text(value: Values[string]): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function integer(
  values: Values,
  flag: string,
  range: { fallback: number; min: number; max: number },
): number {
  const value = text(values[flag])
  if (value === undefined) return range.fallback
  const number = Number(value)
  if (!Number.isInteger(number) || number < range.min || number > range.max) {
    throw new UsageError(`--${flag} "${value}": must be a whole number from ${range.min} to ${range.max}`)
  }
  return number
}

/** The first choice is the default. */
function choice<const C extends string>(values: Values, flag: string, choices: [C, ...C[]]): C {
  const value = text(values[flag])
  if (value === undefined) return choices[0]
  const found = choices.find((candidate) => candidate === value)
  if (!found) throw new UsageError(`--${flag} "${value}": must be one of ${choices.join(', ')}`)
  return found
}
