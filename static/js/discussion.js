/* What a discussion does without reloading. Everything in it works without this too. */
import "./discussion/comment-form.js";
import "./discussion/response-list.js";
