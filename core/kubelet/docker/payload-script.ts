import { posix } from 'node:path'
import type { VolumePayload } from '../runtime/node-agent.ts'
import type { VolumeFile } from '../runtime/specs.ts'
import { decodeTo, inMounts, quote, relativePath } from './node-agent-scripts.ts'

/**
 * Shell script that replaces the content of volumes in the mount namespace of a process, each by the swap of one link
 * (upstream: pkg/volume/util/atomic_writer.go). Everything of the new content is in place before the link changes;
 * links of files that are gone and the old content are removed after it.
 */
export function payloadsScript(pid: number, payloads: VolumePayload[]): string {
  const script = ['set -e', 'umask 077', ...payloads.flatMap(payloadLines)].join('\n')
  return inMounts(pid, script)
}

function payloadLines({ root, version, files }: VolumePayload): string[] {
  if (!/^\.\.[\w.-]+$/.test(version)) throw new Error(`"${version}" cannot name the content of a volume`)
  const paths = files.map((file) => ({ ...file, path: relativePath(file.path) }))
  const visible = [...new Set(paths.map(({ path }) => path.split('/')[0]!))].sort()
  const gid = files.find((file) => file.gid !== undefined)?.gid
  return [
    `cd -- ${quote(root)}`,
    ...directoryLines(version, paths, gid),
    ...paths.flatMap((file) => fileLines(version, file)),
    `ln -sfn ${version} ..data_tmp`,
    'mv -fT ..data_tmp ..data',
    ...visible.flatMap((name) => linkLines(name)),
    ...cleaningLines(version, visible),
  ]
}

function directoryLines(version: string, files: VolumeFile[], gid: number | undefined): string[] {
  const inner = new Set<string>()
  for (const { path } of files) {
    for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) inner.add(`${version}/${at}`)
  }
  const all = [version, ...[...inner].sort()].map(quote).join(' ')
  const lines = [`mkdir -p -- ${all}`]
  // The group is inherited by what is made below, as upstream sets it up.
  if (gid !== undefined) lines.push(`chown 0:${gid} -- ${all}`)
  return [...lines, `chmod ${gid === undefined ? '755' : '2755'} -- ${all}`]
}

function fileLines(version: string, file: VolumeFile): string[] {
  const path = `${version}/${file.path}`
  const lines = [decodeTo(path, file.content)]
  if (file.uid !== undefined || file.gid !== undefined) {
    lines.push(`chown ${file.uid ?? 0}:${file.gid ?? 0} -- ${quote(path)}`)
  }
  return [...lines, `chmod ${(file.mode & 0o7777).toString(8)} -- ${quote(path)}`]
}

function linkLines(name: string): string[] {
  const link = quote(name)
  const target = quote(`..data/${name}`)
  return [`[ -L ${link} ] || { rm -rf -- ${link}; ln -s ${target} ${link}; }`]
}

function cleaningLines(version: string, visible: string[]): string[] {
  const kept = [version, '..data', ...visible].map((name) => `${quote(name)}) ;;`).join(' ')
  return [
    'for entry in * .*; do',
    `case "$entry" in .|..) ;; ${kept} *) if [ -e "$entry" ] || [ -L "$entry" ]; then rm -rf -- "$entry"; fi ;; esac`,
    'done',
  ]
}
