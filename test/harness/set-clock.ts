import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PackageCache } from '../images/packages.ts'

const root = join(import.meta.dirname, '../..')
/** The build for programs with threads, which Node is. */
const library = 'usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'

/** The wall clock of programs that are started with `env`; timers and the monotonic clock stay as they are. */
export interface SettableClock {
  env: Record<string, string>
  /** Sets it ahead of the machine's, for programs that run already too. */
  setAhead(days: number): void
}

/** Debian's libfaketime, unpacked beside the test images' packages; undefined where it cannot be had. */
export async function settableClock(): Promise<SettableClock | undefined> {
  const directory = join(root, 'out/faketime')
  const file = join(directory, library)
  if (!existsSync(file)) {
    try {
      await new PackageCache(join(root, 'out/test-packages')).unpack(['libfaketime'], directory)
    } catch {
      return undefined
    }
    if (!existsSync(file)) return undefined
  }
  const time = join(mkdtempSync(join(tmpdir(), 'wheelhouse-clock-')), 'time')
  const setAhead = (days: number): void => writeFileSync(time, `+${days}d\n`)
  setAhead(0)
  return {
    env: {
      LD_PRELOAD: file,
      FAKETIME_TIMESTAMP_FILE: time,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    setAhead,
  }
}
