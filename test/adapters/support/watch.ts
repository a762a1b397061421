import type { ServerResponse } from 'node:http'
import { type Head, type HeadHost, watchHead } from '../../../src/adapters/node/response/head.ts'
import { HeadAdditions } from '../../../src/adapters/request/head-additions.ts'
import { after, type MaybePromise } from '../../../src/contract/wait.ts'

/** What a task says of the head. */
export interface Added {
  setCookie?: string
  varies?: boolean
}

/** Has a task run before the head leaves; without `headFailed` it may not fail. */
export function watch(
  res: ServerResponse,
  task: () => MaybePromise<Added | undefined>,
  headFailed: HeadHost['headFailed'] = (error) => {
    throw error
  },
): Head {
  const beforeHead = () => after(task(), (added) => added && additionsOf(added))
  return watchHead(res, { beforeHead, headFailed, headStays() {} })
}

function additionsOf({ setCookie, varies = false }: Added): HeadAdditions {
  const attributes = {
    path: '/',
    httpOnly: true,
    secure: false,
    sameSite: 'lax',
    partitioned: false,
  } as const
  const cookies = setCookie === undefined ? [] : [{ name: 'sid', value: 'x', attributes, line: setCookie }]
  return new HeadAdditions(cookies, varies)
}
