import { shallowRef, watch, type ShallowRef } from 'vue'
import { streamLog } from '../client/log-stream.ts'
import { stripAnsi } from '../components/logs/ansi.ts'

export interface LogTailInput {
  cluster: string
  namespace: string
  pod: string
  container: string
  previous: boolean
}

/** The last few lines of a container's log, read once per input; empty while there are none. */
export function useLogTail(input: () => LogTailInput, tailLines: number): ShallowRef<string[]> {
  const lines = shallowRef<string[]>([])
  async function read(): Promise<void> {
    const found: string[] = []
    try {
      const request = { ...input(), follow: false, tailLines }
      for await (const batch of streamLog(request, new AbortController().signal))
        found.push(...batch.map(({ text }) => stripAnsi(text)))
    } catch {
      // No log is no news here; the log view itself says why.
    }
    lines.value = found
  }
  watch(
    () => JSON.stringify(input()),
    () => void read(),
    { immediate: true },
  )
  return lines
}
