import { describe, expect, it } from 'vitest'
import { ratio, spread } from '../../bench/measure/statistics.ts'

describe('the figures that the bench prints', () => {
  it('are the median and the quartiles, whatever the order of the samples', () => {
    expect(spread([9, 1, 5, 3, 7])).toEqual({ min: 1, q1: 3, median: 5, q3: 7, max: 9 })
  })

  it('are in the middle between two samples where no sample is', () => {
    expect(spread([4, 1, 3, 2])).toEqual({ min: 1, q1: 1.75, median: 2.5, q3: 3.25, max: 4 })
  })

  it('leave the samples as they were', () => {
    const samples = [2, 1]
    spread(samples)
    expect(samples).toEqual([2, 1])
  })

  it('compare two operations round by round, so that a slow round says nothing', () => {
    const floor = [1, 10, 2]
    expect(ratio([2, 20, 4], floor).max).toBe(2)
    expect(ratio([20, 4, 2], floor).median).toBe(1)
  })

  it('are refused for samples that do not belong to the same rounds, and for none', () => {
    expect(() => ratio([1, 2], [1])).toThrow(RangeError)
    expect(() => spread([])).toThrow(RangeError)
  })
})
