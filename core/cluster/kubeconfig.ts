import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { writeAtomically } from './cluster-file.ts'

/** Kubeconfig's own place for what tools remember (upstream: clientcmd NamedExtension). */
const extensionName = 'wheelhouse'

interface Named {
  name: string
  [rest: string]: unknown
}
interface Kubeconfig {
  apiVersion?: string
  kind?: string
  clusters?: Named[]
  users?: Named[]
  contexts?: Named[]
  'current-context'?: string
  [rest: string]: unknown
}

export interface KubeconfigInput {
  clusterName: string
  server: string
  /** PEM texts. */
  ca: string
  clientCertificate: string
  clientKey: string
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function build(input: KubeconfigInput): Kubeconfig {
  const name = contextName(input.clusterName)
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: input.server, 'certificate-authority-data': base64(input.ca) } }],
    users: [
      {
        name,
        user: {
          'client-certificate-data': base64(input.clientCertificate),
          'client-key-data': base64(input.clientKey),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  }
}

/** The name of a cluster's context, cluster and user entries. */
function contextName(clusterName: string): string {
  return clusterName === 'wheelhouse' ? 'wheelhouse' : `wheelhouse-${clusterName}`
}

/** Writes `<directory>/kubeconfig` (0600) and returns its path. */
export function writeKubeconfig(directory: string, input: KubeconfigInput): string {
  const file = join(directory, 'kubeconfig')
  writeAtomically(file, stringify(build(input)))
  return file
}

/** The file that kubectl would use: the first of $KUBECONFIG, else ~/.kube/config. */
function userKubeconfig(environment: NodeJS.ProcessEnv): string {
  const first = environment['KUBECONFIG']?.split(':').find((part) => part !== '')
  const file = first ?? join(environment['HOME'] ?? homedir(), '.kube', 'config')
  // Writing through a link keeps the link, which many dotfile managers rely on.
  return existsSync(file) ? realpathSync(file) : file
}

function readUserFile(file: string): Kubeconfig {
  if (!existsSync(file)) return { apiVersion: 'v1', kind: 'Config' }
  const content = parse(readFileSync(file, 'utf8')) as Kubeconfig | null
  if (content !== null && (typeof content !== 'object' || Array.isArray(content))) {
    throw new Error(`${file} is not a kubeconfig; left as it is`)
  }
  return content ?? { apiVersion: 'v1', kind: 'Config' }
}

function without(list: Named[] | undefined, name: string): Named[] {
  return (list ?? []).filter((entry) => entry.name !== name)
}

/**
 * Adds or refreshes the cluster's entries in the user's kubeconfig and makes its context current. Other entries stay
 * as they are; the file before the first change is kept beside it as `<file>.before-wheelhouse`. Returns the path.
 */
export function mergeKubeconfig(input: KubeconfigInput, environment: NodeJS.ProcessEnv): string {
  const file = userKubeconfig(environment)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const config = readUserFile(file)
  const backup = `${file}.before-wheelhouse`
  if (existsSync(file) && !existsSync(backup)) copyFileSync(file, backup)
  const mine = build(input)
  const name = contextName(input.clusterName)
  const current = config['current-context']
  const before =
    current === name ? previousContext(config.contexts?.find((entry) => entry.name === name)) : current
  for (const part of ['clusters', 'users', 'contexts'] as const) {
    config[part] = [...without(config[part], name), ...(mine[part] ?? [])]
  }
  const context = config.contexts?.find((entry) => entry.name === name)
  // Remembered in the entry itself, so that taking it out can put the old choice back.
  if (context && before) {
    const extensions = [{ name: extensionName, extension: { previousContext: before } }]
    context['context'] = { ...(context['context'] as object), extensions }
  }
  config['current-context'] = name
  writeAtomically(file, stringify(config))
  return file
}

function previousContext(entry: Named | undefined): string | undefined {
  const context = entry?.['context'] as
    { extensions?: Array<{ name: string; extension?: unknown }> } | undefined
  const mine = context?.extensions?.find((extension) => extension.name === extensionName)
  return (mine?.extension as { previousContext?: string } | undefined)?.previousContext
}

/** Takes the cluster's entries out again and restores the context that was current before. True when there were any. */
export function unmergeKubeconfig(clusterName: string, environment: NodeJS.ProcessEnv): boolean {
  const file = userKubeconfig(environment)
  if (!existsSync(file)) return false
  const config = readUserFile(file)
  const name = contextName(clusterName)
  const context = config.contexts?.find((entry) => entry.name === name)
  if (!context && !config.clusters?.some((entry) => entry.name === name)) return false
  for (const part of ['clusters', 'users', 'contexts'] as const) config[part] = without(config[part], name)
  if (config['current-context'] === name) {
    const previous = previousContext(context)
    const known = config.contexts?.some((entry) => entry.name === previous)
    if (previous !== undefined && known) config['current-context'] = previous
    else delete config['current-context']
  }
  writeAtomically(file, stringify(config))
  return true
}
