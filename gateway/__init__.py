"""The only door for HTTP: tokens, limits, routing and manners; what lies behind is the services' business."""
