import { describe, expect, it } from 'vitest'
import { findCondition, isConditionTrue, setCondition, type StatusCondition } from './conditions.ts'
import { scaledValue } from './int-or-string.ts'

describe('conditions', () => {
  const ready: StatusCondition = { type: 'Ready', status: 'True', reason: 'Up', lastTransitionTime: 't0' }

  it('keeps the transition time while the status stays', () => {
    const next = setCondition([ready], { type: 'Ready', status: 'True', reason: 'StillUp' }, 't1')
    expect(next).toEqual([{ ...ready, reason: 'StillUp' }])
    expect(
      findCondition(setCondition(next, { type: 'Ready', status: 'False' }, 't2'), 'Ready'),
    ).toMatchObject({
      lastTransitionTime: 't2',
      status: 'False',
    })
  })

  it('gives the same list when nothing differs', () => {
    const list = [ready]
    expect(setCondition(list, { ...ready }, 't1')).toBe(list)
    expect(isConditionTrue(list, 'Ready')).toBe(true)
    expect(isConditionTrue(undefined, 'Ready')).toBe(false)
  })
})

describe('int or percent', () => {
  it('rounds as asked', () => {
    expect(scaledValue('25%', 3, 'up')).toBe(1)
    expect(scaledValue('25%', 3, 'down')).toBe(0)
    expect(scaledValue(2, 3, 'up')).toBe(2)
    expect(scaledValue(undefined, 3, 'up')).toBe(0)
    expect(scaledValue('x', 3, 'up')).toBeUndefined()
  })
})
