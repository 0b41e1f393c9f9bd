import { readdir, readFile, readlink } from 'node:fs/promises'

/** What /proc/net calls a socket that listens, by protocol; UDP sockets have no such state. */
const states = { TCP: '0A', UDP: '07' } as const

/**
 * The program that has a port of this machine, e.g. `nginx (process 812)`; undefined where that cannot be seen: on systems without
 * /proc, and of other users' processes.
 */
export async function portHolder(port: number, protocol: 'TCP' | 'UDP'): Promise<string | undefined> {
  const inodes = await listeningInodes(port, protocol)
  if (inodes.size === 0) return undefined
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    for (const file of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const link = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
      if (inode === undefined || !inodes.has(inode)) continue
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
      return `${name.trim()} (process ${pid})`
    }
  }
  return undefined
}

async function listeningInodes(port: number, protocol: 'TCP' | 'UDP'): Promise<Set<string>> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const name = protocol.toLowerCase()
  const tables = await Promise.all(
    [name, `${name}6`].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')),
  )
  const inodes = new Set<string>()
  for (const line of tables.join('\n').split('\n')) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    if (local?.endsWith(`:${hex}`) && state === states[protocol] && inode) inodes.add(inode)
  }
  return inodes
}
