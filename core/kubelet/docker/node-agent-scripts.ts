import { posix } from 'node:path'
import type { VolumeFile } from '../runtime/specs.ts'

/** UDP traffic that was sent to `clusterIp`:`port` and translated to `endpointIp`. */
export interface StaleFlow {
  clusterIp: string
  port: number
  endpointIp: string
}

/** Shell script that forgets UDP connections in the network namespace of a process; does nothing where conntrack is missing. */
export function forgetFlowsScript(pid: number, flows: StaleFlow[]): string {
  const deletions = flows.map(
    (flow) =>
      // conntrack exits with 1 when no entry matches, which is the usual case.
      `conntrack -D -p udp --orig-dst ${flow.clusterIp} --orig-port-dst ${flow.port} --reply-src ${flow.endpointIp} || :`,
  )
  const script = ['command -v conntrack || exit 0', ...deletions].join('\n')
  return enter(pid, 'net', 'sh', script)
}

/** Shell script that writes files below `root` as a process sees it, each by rename, so that readers never see half of one. */
export function filesScript(pid: number, root: string, files: VolumeFile[]): string {
  const lines = ['set -e', 'umask 022', `cd -- ${quote(root)}`]
  files.forEach((file, index) => {
    const path = relativePath(file.path)
    const directory = posix.dirname(path)
    const temporary = `${directory === '.' ? '' : `${directory}/`}.wheelhouse-${index}.new`
    if (directory !== '.') lines.push(`mkdir -p -- ${quote(directory)}`)
    lines.push(
      `if [ -d ${quote(path)} ] && [ ! -L ${quote(path)} ]; then echo ${quote(`${path}: is a directory`)}; exit 1; fi`,
      // Made unreadable first: between the two steps a secret must not be open to others.
      `rm -f -- ${quote(temporary)}`,
      `( umask 077; : > ${quote(temporary)} )`,
      decodeTo(temporary, file.content),
      `chmod ${(file.mode & 0o7777).toString(8)} ${quote(temporary)}`,
      `mv -f -- ${quote(temporary)} ${quote(path)}`,
    )
  })
  return inMounts(pid, lines.join('\n'))
}

/** Shell script that overwrites one existing file in place, keeping its inode (a bind mount cannot be replaced). */
export function overwriteScript(pid: number, path: string, content: Uint8Array): string {
  const script = `[ -f ${quote(path)} ] || { echo ${quote(`${path}: no such file`)}; exit 1; }\n${decodeTo(path, content)}`
  return inMounts(pid, script)
}

/**
 * Shell script that succeeds when a TCP socket listens on the port in the network namespace of a process. It makes no connection, so that a
 * server sees only the real one.
 */
export function listensScript(pid: number, port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return (
    `cd /proc/${pidOf(pid)}/net && ` +
    `{ grep -Eqs '^ *[0-9]+: [0-9A-F]+:${hex} [0-9A-F:]+ 0A ' tcp tcp6 || { echo 'connection refused'; false; }; }`
  )
}

/** Shell script that runs another one in the mount namespace of a process. */
export function inMounts(pid: number, script: string): string {
  return enter(pid, 'mnt', '/bin/sh', script)
}

/** How often, and after how many seconds each, a process that cannot be entered is tried again. */
const tries = { count: 100, seconds: 0.05 }

/** Shell script that runs a command with `input` in a namespace of a process. */
function enter(pid: number, namespace: 'mnt' | 'net', command: string, input: string): string {
  const option = { mnt: '-m', net: '-n' }[namespace]
  return `${waitToEnter(String(pidOf(pid)), namespace)}\n${hereDocument(`nsenter -t ${pid} ${option} ${command}`, input)}`
}

/**
 * Shell command that waits until a namespace of a process (its id, as the shell takes it) can be entered, or the process is gone. The engine
 * answers a start before the container's program runs: until it does, its process has rights that the agent lacks, and the kernel lets the
 * agent not look at its namespaces.
 */
export function waitToEnter(pid: string, namespace: 'mnt' | 'net'): string {
  const process = `/proc/${pid}`
  const canEnter = `[ -e ${process}/ns/${namespace} ] || [ ! -d ${process} ]`
  return `i=0; until ${canEnter} || [ $i -ge ${tries.count} ]; do i=$((i+1)); sleep ${tries.seconds}; done`
}

/** The process id as the scripts take it; throws for one that is not running. */
export function pidOf(pid: number): number {
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`process id ${pid}: the sandbox is not running`)
  return pid
}

/** Single-quotes a word for the shell. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error('a path cannot contain NUL')
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** A file's normalised path; throws when it is not inside its volume. */
export function relativePath(path: string): string {
  const normal = posix.normalize(path)
  if (
    path === '' ||
    normal.startsWith('/') ||
    normal === '..' ||
    normal.startsWith('../') ||
    normal.endsWith('/')
  ) {
    throw new Error(`"${path}": a volume file needs a path inside the volume`)
  }
  return normal
}

/** Shell lines that write bytes to a file. */
export function decodeTo(path: string, content: Uint8Array): string {
  if (content.length === 0) return `: > ${quote(path)}`
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,1024}/g) ?? []
  return hereDocument(`base64 -d > ${quote(path)}`, lines.join('\n'))
}

/** The delimiter is made longer until the text does not contain it, so it can never end the document early. */
function hereDocument(command: string, text: string): string {
  let end = 'END'
  while (text.includes(end)) end += '_'
  return `${command} <<'${end}'\n${text}\n${end}`
}
