import { join } from 'node:path'
import { readBuildFacts, type BuildFacts } from './build-facts.ts'

/** What `/version` says (upstream: apimachinery/pkg/version Info). */
export interface VersionInfo {
  major: string
  minor: string
  emulationMajor: string
  emulationMinor: string
  minCompatibilityMajor: string
  minCompatibilityMinor: string
  gitVersion: string
  gitCommit: string
  gitTreeState: string
  buildDate: string
  goVersion: string
  compiler: string
  platform: string
}

const architectures: Record<string, string> = { x64: 'amd64', ia32: '386' }

let facts: BuildFacts | undefined

/** The Kubernetes version whose API is served. The commit is Wheelhouse's; `goVersion` and `compiler` name what really runs it. */
export function versionInfo(): VersionInfo {
  facts ??= readBuildFacts(join(import.meta.dirname, '../..'))
  return {
    major: '1',
    minor: '36',
    emulationMajor: '1',
    emulationMinor: '36',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '35',
    gitVersion: 'v1.36.4',
    gitCommit: facts.gitCommit,
    gitTreeState: facts.gitCommit === '' ? 'archive' : 'clean',
    buildDate: facts.buildDate,
    goVersion: `node${process.versions.node}`,
    compiler: 'v8',
    platform: `${process.platform}/${architectures[process.arch] ?? process.arch}`,
  }
}
