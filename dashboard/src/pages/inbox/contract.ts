import type { ApprovalDetail, ApprovalView } from '../../api/types.ts';

/** Who a call concerns and how much. */
export type Subject = {
  readonly recipients: readonly string[];
  readonly recipient_count: number;
  readonly amount: string | null;
  readonly title: string | null;
};

/** Why an approval can no longer, or not now, lead to a call. */
export type Obstacle = { readonly code: string; readonly detail: string };

type MoreOfRow = {
  readonly summary?: string;
  readonly subject?: Subject;
  readonly suspicious?: boolean;
  readonly obstacle?: Obstacle | null;
  readonly signed_by?: readonly { readonly user_id: string; readonly name: string }[];
};

export type InboxItem = ApprovalView & MoreOfRow;
export type Card = ApprovalDetail &
  MoreOfRow & {
    readonly call: { readonly sentence: string; readonly destination?: Destination | null } | null;
    readonly drift?: { readonly before: unknown; readonly after: unknown } | null;
  };
/** Where a call would go; the path with its arguments filled in. */
export type Destination = { readonly method: string; readonly url: string };
