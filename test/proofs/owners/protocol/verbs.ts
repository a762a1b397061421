import { load, save } from '../store.ts'
import { isMoved } from './records.ts'
import * as revoking from './revoke.ts'
import { rotate } from './rotate.ts'
import { type SignInPlan, signIn } from './sign-in.ts'
import { logout, revoke } from './sign-out.ts'
import { ask, LIFETIME, LostAnswer, type Setting, type Steps, tell } from './steps.ts'

/**
 * What a scenario can ask for. An id is a key here, or a number: what the verb of that place in the scenario
 * has told.
 */
export type Deed =
  | ({ readonly verb: 'login' } & SignInPlan)
  | { readonly verb: 'rotate' | 'logout' | 'revokeOthers' | 'touch'; readonly id: string }
  | { readonly verb: 'save'; readonly id: string; readonly cart: number }
  | { readonly verb: 'revoke'; readonly owner: string; readonly handle: string }
  | { readonly verb: 'revokeAll'; readonly owner: string }
  | { readonly verb: 'revokeEverything' | 'tick' }

/** One whose answer is lost at a place that knows no better has failed. */
export function* begin(setting: Setting, deed: Deed): Steps {
  try {
    yield* stepsOf(setting, deed)
  } catch (error) {
    if (!(error instanceof LostAnswer)) throw error
    yield* tell({ result: 'failed' })
  }
}

function stepsOf(setting: Setting, deed: Deed): Steps {
  switch (deed.verb) {
    case 'login':
      return signIn(setting, deed)
    case 'rotate':
      return rotate(setting, deed)
    case 'logout':
      return logout(deed)
    case 'revoke':
      return revoke(deed)
    case 'revokeAll':
      return revoking.revokeAll(setting, deed)
    case 'revokeOthers':
      return revoking.revokeOthers(setting, deed)
    case 'revokeEverything':
      return revoking.revokeEverything(setting)
    case 'save':
      return store(deed)
    case 'touch':
      return touch(setting, deed)
    case 'tick':
      return pass()
  }
}

/** A request that changes a value. */
function* store({ id, cart }: { readonly id: string; readonly cart: number }): Steps {
  const result = yield* ask(save(id, { set: { cart } }))
  const isDone = result.outcome === 'saved' && !isMoved(result.record)
  yield* tell({ result: isDone ? 'ok' : 'gone' })
}

/** A request that uses a session. */
function* touch(setting: Setting, { id }: { readonly id: string }): Steps {
  const record = yield* ask(load(id))
  if (record === undefined || isMoved(record)) return yield* tell({ result: 'gone' })
  const expiresAt = Math.min(setting.now + setting.idle, record.createdAt + LIFETIME)
  yield* ask(save(id, { expiresAt }))
  yield* tell({ result: 'ok' })
}

function* pass(): Steps {
  yield* ask({ kind: 'pass' })
}
