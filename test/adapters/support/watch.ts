import type { ServerResponse } from 'node:http'
import { type Head, type HeadOwner, watchHead } from '../../../src/adapters/node/response/head.ts'

/** Has a task run before the head leaves; without `headFailed` it may not fail. */
export function watch(
  res: ServerResponse,
  beforeHead: HeadOwner['beforeHead'],
  headFailed: HeadOwner['headFailed'] = (error) => {
    throw error
  },
): Head {
  return watchHead(res, { beforeHead, headFailed })
}
