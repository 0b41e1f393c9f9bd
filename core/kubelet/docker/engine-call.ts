import type { Clock } from '../../util/clock.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import { translateError } from './docker-errors.ts'

/** Makes one call to the engine: translates its failure, and gives up after `timeoutMs` (2 minutes unless told). */
export interface EngineCall {
  <T>(reason: string, call: () => Promise<T>, timeoutMs?: number): Promise<T>
}

const defaultTimeoutMs = 120_000

/** An EngineCall on this clock. A call given up on keeps its connection until the engine answers; its result is dropped. */
export function createEngineCall(clock: Clock): EngineCall {
  return async (reason, call, timeoutMs = defaultTimeoutMs) => {
    let timer: Disposable | undefined
    const expired = new Promise<never>((_resolve, reject) => {
      timer = clock.after(timeoutMs, () =>
        reject(new RuntimeError('DeadlineExceeded', `Docker did not answer within ${timeoutMs / 1000} s`)),
      )
    })
    try {
      return await Promise.race([call(), expired])
    } catch (error) {
      throw translateError(error, reason)
    } finally {
      timer?.[Symbol.dispose]()
    }
  }
}
