/** What the demo upstream's search finds. */
export type HelpArticle = { readonly id: string; readonly title: string; readonly text: string };

const article = (id: string, title: string, text: string): HelpArticle => ({ id, title, text });

export const HELP_ARTICLES: readonly HelpArticle[] = [
  article(
    'refunds',
    'How refunds work',
    'A refund goes back to the card that paid. It shows up within five working days.',
  ),
  article(
    'partial-refunds',
    'Refunding part of an order',
    'Choose the items or type an amount. The rest of the order stays as it is.',
  ),
  article(
    'order-status',
    'Where is my order?',
    'Open the order page to see each parcel, its carrier and the expected day of delivery.',
  ),
  article(
    'change-address',
    'Changing a delivery address',
    'The address can be changed until the parcel is handed to the carrier.',
  ),
  article(
    'invoices',
    'Downloading invoices',
    'Every paid order has an invoice as PDF. Older invoices are in the account archive.',
  ),
  article('cancel', 'Cancelling an order', 'An order can be cancelled free of charge until it is packed.'),
  article('damaged', 'A parcel arrived damaged', 'Send a picture within two weeks. You get a replacement or a refund.'),
  article(
    'sign-in',
    'Trouble signing in',
    'Reset the password by e-mail, or use a passkey on a device you have used before.',
  ),
  article(
    'newsletter',
    'Newsletter settings',
    'Choose the topics you want to read about, or leave the newsletter with one click.',
  ),
  article(
    'gift-cards',
    'Paying with gift cards',
    'Several gift cards can be combined. What is left stays on the last card.',
  ),
  article('warranty', 'Warranty and repairs', 'Devices have a warranty of two years. Repairs usually take a week.'),
  article(
    'delete-account',
    'Deleting an account',
    'An account is deleted thirty days after the request. Invoices are kept as long as the law asks.',
  ),
];
