import { Worker } from 'node:worker_threads'
import type { DecodeProblems } from '../../registry/schema/duplicate-keys.ts'
import { MalformedBody } from './malformed-body.ts'
import { parseYaml } from './yaml.ts'

/** What `parseYaml` gives. */
interface ParsedYaml {
  value: unknown
  problems: DecodeProblems
}

/** What the thread is asked. */
export interface YamlRequest {
  id: number
  text: string
}

/** What it answers: one of the three. */
export interface YamlAnswer {
  id: number
  parsed?: ParsedYaml
  /** Why the text is no YAML. */
  malformed?: string
  /** What else went wrong. */
  failed?: string
}

/** Texts of this many characters take a few milliseconds: others wait no longer for them than for other work. */
const smallText = 16 * 1024

/**
 * Parses YAML as `parseYaml` does, and rejects as that throws; long texts in a thread of their own, so that other requests go on
 * meanwhile. The thread is there for as long as it has work. One for all callers: bodies are small but for a few.
 */
export async function parseYamlAside(text: string): Promise<ParsedYaml> {
  if (text.length <= smallText) return parseYaml(text)
  thread ??= new YamlThread(() => (thread = undefined))
  return thread.parse(text)
}

let thread: YamlThread | undefined

class YamlThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, PromiseWithResolvers<ParsedYaml>>()
  readonly #onEnd: () => void
  #lastId = 0

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
    // The program's own Node flags are not for this thread.
    this.#worker = new Worker(new URL('./yaml-worker.ts', import.meta.url), { execArgv: [] })
    this.#worker.on('message', (answer: YamlAnswer) => this.#settle(answer))
    this.#worker.on('error', (error: Error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error('the thread that parses YAML has ended')))
  }

  parse(text: string): Promise<ParsedYaml> {
    const id = ++this.#lastId
    const waiting = Promise.withResolvers<ParsedYaml>()
    this.#waiting.set(id, waiting)
    this.#worker.postMessage({ id, text } satisfies YamlRequest)
    return waiting.promise
  }

  #settle({ id, parsed, malformed, failed }: YamlAnswer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (parsed) waiting?.resolve(parsed)
    else waiting?.reject(malformed === undefined ? new Error(failed) : new MalformedBody(malformed))
    if (this.#waiting.size > 0) return
    this.#onEnd()
    void this.#worker.terminate()
  }

  /** Whoever still waits is told why in vain. */
  #end(error: Error): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    if (all.length > 0) this.#onEnd()
    for (const waiting of all) waiting.reject(error)
  }
}
