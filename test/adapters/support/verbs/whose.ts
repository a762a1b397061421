import { afterHead, type Case, type Facts, ownerAfter, ownerBefore, type Told } from './cases.ts'

const storeFails = ({ meets }: Case) => meets.includes('store')
const elsewhere = ({ meets }: Case) => meets.endsWith('in another tab')

/** Whether the visitor is who the answer lets them think they are. */
export function wrongOwner(facts: Facts): string[] {
  const { case: one, answer, next } = facts
  // Nobody has got the cookie.
  if (answer === undefined && !afterHead(one)) return []
  if (one.verb !== 'login') return elsewhere(one) ? [] : notTheSame(facts)
  const isSignedIn = next.owner === ownerAfter(one.n)
  if (answer?.status === 200 && !afterHead(one)) {
    return isSignedIn ? [] : ['nobody was signed in, and the answer looks as if somebody were']
  }
  if (isSignedIn) return ['somebody was signed in, and the answer says that it failed']
  return elsewhere(one) ? [] : notTheSame(facts)
}

function notTheSame({ case: one, next: { owner } }: Facts): string[] {
  const before = one.owned ? ownerBefore(one.n) : undefined
  const ends = ['destroy', 'logout'].includes(one.verb)
  if (ends && !storeFails(one)) return owner === undefined ? [] : ['they are still signed in']
  // What is told to have failed may have been done.
  if (ends && owner === undefined) return []
  return owner === before ? [] : [`they are ${owner} now, and were ${before}`]
}

/** What the methods say that are about all devices. The answer is a 200. */
export function wrongDevices(facts: Facts, { value }: Told, waited: boolean): string[] {
  const { case: one, stored, errors } = facts
  if (!one.owned) return []
  const phoneIsThere = stored.some(({ phone }) => phone === one.n)
  switch (one.verb) {
    case 'revoke':
    case 'revokeOthers': {
      const othersToo = one.verb === 'revokeOthers'
      if (storeFails(one)) return errors > 0 ? [] : ['it failed, and no event tells']
      // Signed out meanwhile it has nobody's others to end.
      const may = othersToo && elsewhere(one)
      if (may && one.meets === 'a sign-out in another tab' && value === true)
        return ['it was done by who signed out']
      if (!may && phoneIsThere) return ['the phone is still signed in']
      return waited && value === phoneIsThere ? [`it says ${value} of the phone`] : []
    }
    case 'devices': {
      if (!waited || elsewhere(one)) return []
      const all = value as { current: boolean }[]
      const current = all.filter((device) => device.current)
      return all.length === 2 && current.length === 1 ? [] : [`it lists ${all.length} devices`]
    }
    default:
      return phoneIsThere ? [] : ['the phone was signed out']
  }
}
