import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Which commit runs, and when it came to be here. */
export interface BuildFacts {
  /** Empty where the sources are no checkout. */
  gitCommit: string
  /** RFC 3339. */
  buildDate: string
}

/** Reads them from the checkout around `root`, else from the package; what cannot be read is left at its start. */
export function readBuildFacts(root: string): BuildFacts {
  const commit = readCommit(root)
  return {
    gitCommit: commit?.hash ?? '',
    buildDate: dateOf(commit?.file ?? join(root, 'package.json')),
  }
}

/** Without git, which may not be there: HEAD is a commit, or names a reference in a file of its own or among the packed ones. */
function readCommit(root: string): { hash: string; file: string } | undefined {
  const git = gitDirectory(root)
  const head = git && textOf(join(git, 'HEAD'))
  if (!head) return undefined
  const reference = /^ref: (\S+)$/.exec(head)?.[1]
  if (reference === undefined) return { hash: head, file: join(git, 'HEAD') }
  const shared = resolve(git, textOf(join(git, 'commondir')) ?? '.')
  const own = join(shared, reference)
  const hash = textOf(own)
  if (hash) return { hash, file: own }
  const packed = join(shared, 'packed-refs')
  const line = textOf(packed)
    ?.split('\n')
    .find((one) => one.endsWith(` ${reference}`))
  return line === undefined ? undefined : { hash: line.split(' ')[0]!, file: packed }
}

/** A worktree has a file there that names its folder. */
function gitDirectory(root: string): string | undefined {
  const path = join(root, '.git')
  const link = textOf(path)
  if (link === undefined) return textOf(join(path, 'HEAD')) === undefined ? undefined : path
  const target = /^gitdir: (.+)$/.exec(link)?.[1]
  return target === undefined ? undefined : resolve(dirname(path), target)
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

function dateOf(path: string): string {
  try {
    return `${statSync(path).mtime.toISOString().slice(0, -5)}Z`
  } catch {
    return '1970-01-01T00:00:00Z'
  }
}
