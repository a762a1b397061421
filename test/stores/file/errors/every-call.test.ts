import { readdirSync, readlinkSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeFiles } from '../../../../src/stores/file/node-files.ts'
import { inWhole } from '../../../support/whole.ts'
import { checkGoesOn, checkKept, checkLetsGo, checkOutcome, Problem } from './checks.ts'
import { type Call, type Fault, faultsOf } from './faults.ts'
import { type Course, complain, onStage, perform, type Room, record } from './run.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { makeRoom } from './stage.ts'

/** Of the thousands of cases the short run has every 23rd: of each call, and of each error, some. */
const EVERY = inWhole(1, 23)

let room: Room

const { stackTraceLimit } = Error

beforeAll(async () => {
  Error.stackTraceLimit = 0 // of some twenty errors in each of thousands of cases, nobody reads the stack
  room = await makeRoom()
})

afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
  rmSync(room.directory, { recursive: true, force: true })
})

describe('each system error at each call is absorbed or says what to do; nothing acknowledged is lost, nothing stays open, and all goes on', () => {
  test.each(Object.entries(SCENARIOS))(
    'where the store %s',
    async (_, scenarios) => {
      const problems: string[] = []
      let cases = 0
      for (const scenario of scenarios) {
        const course = await courseOf(scenario)
        for (const fault of faultsOf(course.made, scenario)) {
          if (cases++ % EVERY !== 0) continue
          const problem = await problemOf(scenario, fault, course)
          if (problem !== undefined) problems.push(complain(scenario, course, fault, problem))
        }
      }
      expect(problems.slice(0, 10), `${problems.length} of ${cases} cases, the first of them`).toEqual([])
      expect(cases).toBeGreaterThan(50)
      await expect.poll(openHere).toBe(0)
    },
    180_000,
  )
})

test('the scenarios reach every call that the store makes of the system', async () => {
  const reached = new Set<Call>()
  for (const scenario of Object.values(SCENARIOS).flat()) {
    for (const { call } of (await courseOf(scenario)).made) reached.add(call)
  }
  expect([...reached].sort()).toEqual(Object.keys(nodeFiles).sort())
})

const courses = new Map<Scenario, Course>()

async function courseOf(scenario: Scenario): Promise<Course> {
  const course = courses.get(scenario) ?? (await record(room, scenario))
  courses.set(scenario, course)
  return course
}

async function problemOf(scenario: Scenario, fault: Fault, course: Course): Promise<string | undefined> {
  try {
    await onStage(room, scenario, async (stage) => {
      const outcome = await perform(stage, scenario, fault)
      checkOutcome(stage, scenario, course, fault, outcome)
      await checkKept(stage, scenario, course, outcome)
      await checkGoesOn(stage, scenario, fault.at % 2 === 1)
      await checkLetsGo(stage, scenario)
    })
    return undefined
  } catch (error) {
    return error instanceof Problem ? error.message : `fails afterwards: ${error}`
  }
}

/** How many descriptors of this process lead into the room. */
function openHere(): number {
  if (process.platform !== 'linux') return 0
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(room.directory)
    } catch {
      return false // the descriptor of the listing itself
    }
  }).length
}
